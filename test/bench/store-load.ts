import { randomBytes } from "node:crypto";

export const namespace = "default";

const startOfTime = 1_750_000_000_000;
const inFlight = 256;

/** Workflows of two steps: started, and each step started and succeeded; then succeeded. */
export const eventsPerExecution = 6;

/** With its share of a row of the table, about 600 bytes. */
const body = JSON.stringify({
  step: "review",
  attempt: 1,
  send: 1,
  agentId: "agent-123456",
  incarnation: "0a1b2c3d",
});
const payload = JSON.stringify({ findings: "x".repeat(430) });

type Live = { readonly executionId: string; sequence: number };

/** The batches that an orchestrator with 256 executions in flight would commit. */
export class LogLoad {
  readonly #epoch: number;
  readonly #live: Live[] = [];
  #position: number;
  #turn = 0;
  executions = 0;
  firstId = "";

  constructor({ epoch, position }: { readonly epoch: number; readonly position: number }) {
    this.#epoch = epoch;
    this.#position = position;
  }

  next(size: number) {
    const started: ReturnType<LogLoad["start"]>[] = [];
    const ended: { executionId: string; status: "SUCCEEDED"; endedAtMs: number }[] = [];
    const events = Array.from({ length: size }, () => {
      if (this.#live.length < inFlight) started.push(this.start());
      this.#turn += 7_919;
      const at = this.#turn % this.#live.length;
      const live = this.#live[at]!;
      live.sequence += 1;
      const timeMs = startOfTime + ++this.#position;
      if (live.sequence === eventsPerExecution) {
        ended.push({ executionId: live.executionId, status: "SUCCEEDED", endedAtMs: timeMs });
        this.#live[at] = this.#live.at(-1)!;
        this.#live.pop();
      }
      return {
        position: this.#position,
        executionId: live.executionId,
        sequence: live.sequence,
        timeMs,
        kind: "step.succeeded" as const,
        schemaVersion: 1,
        body,
        payload,
      };
    });
    return { shard: 0, epoch: this.#epoch, events, started, changed: [], ended, snapshots: [] };
  }

  start() {
    const startedAtMs = startOfTime + this.executions;
    const executionId = `000-${startedAtMs.toString(36)}-${randomBytes(8).toString("hex")}`;
    this.executions += 1;
    this.firstId ||= executionId;
    this.#live.push({ executionId, sequence: 0 });
    return {
      executionId,
      shard: 0,
      namespace,
      workflow: "release-review",
      version: 3,
      status: "RUNNING" as const,
      labels: { team: "payments", tier: "gold" },
      createdBy: "developer",
      requestId: null,
      requestDigest: null,
      startedAtMs,
      endedAtMs: null,
      wakeAtMs: null,
    };
  }
}
