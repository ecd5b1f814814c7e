import type { BenchOrchestrator } from "./orchestrator.ts";
import { payloadBytes, payloadsAtOnce } from "./payload.ts";

/** Keeps payloads on their way until it is told to stop. */
export class Load {
  readonly #orchestrator: BenchOrchestrator;
  readonly #payload = Buffer.from(JSON.stringify("x".repeat(payloadBytes - 2)));
  #lanes: Promise<void>[] = [];
  #isOn = true;
  #payloads = 0;
  #beganMs = 0;

  constructor(orchestrator: BenchOrchestrator) {
    this.#orchestrator = orchestrator;
  }

  start(): void {
    this.#beganMs = performance.now();
    this.#lanes = Array.from({ length: payloadsAtOnce }, () => this.#lane());
  }

  /** Returns how many came back, in MiB per second. */
  async stop(): Promise<number> {
    const seconds = (performance.now() - this.#beganMs) / 1_000;
    const mib = (this.#payloads * payloadBytes) / 2 ** 20;
    this.#isOn = false;
    await Promise.all(this.#lanes);
    return mib / seconds;
  }

  async #lane(): Promise<void> {
    while (this.#isOn) {
      await this.#orchestrator.echo(this.#payload);
      this.#payloads++;
    }
  }
}
