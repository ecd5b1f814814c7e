import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { createRegistry, type Registry } from "@weft/registry";
import { type Channel, type Client, createChannel } from "@weft/runtime/grpc";
import { freePort } from "../harness/free-port.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { armedVariable } from "./arming.ts";
import type { ProcessOptions } from "./orchestrator.process.ts";
import type { CrashPoint } from "./points.ts";

const token = "crash-test-token";
const preload = pathToFileURL(join(import.meta.dirname, "writer-statements.ts")).href;

/** What outlives an orchestrator: the registry, an agent, the disk, and an address that clients know. */
export class CrashWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "weft-crash-"));
  #registry!: Registry;
  #registryAddress = "";
  #agent!: TestProcess;
  #address = "";
  #life: TestProcess | undefined;
  #channel!: Channel;
  #lives = 0;
  client!: Client<typeof OrchestratorService>;

  async open(): Promise<void> {
    this.#registry = createRegistry({ address: "127.0.0.1:0", token, leaseMs: 10_000 });
    this.#registryAddress = `127.0.0.1:${(await this.#registry.start()).port}`;
    this.#agent = startProcess("test/crash/agent.process.ts", [this.folder], {
      cwd: this.folder,
      env: { WEFT_REGISTRY: this.#registryAddress, WEFT_TOKEN: token },
    });
    this.#address = `127.0.0.1:${await freePort()}`;
    this.#channel = createChannel({ address: this.#address, token });
    this.client = this.#channel.client(OrchestratorService);
  }

  async close(): Promise<void> {
    this.#channel.close();
    await this.#life?.end();
    await this.#agent.end();
    await this.#registry.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A new process of the orchestrator on the data of `name`; armed, it will die at the point. */
  live(name: string, point?: CrashPoint): TestProcess {
    const marker = this.#marker(++this.#lives);
    const options: ProcessOptions = {
      address: this.#address,
      registryAddress: this.#registryAddress,
      token,
      // Agents remember epochs by cluster, and each log begins with the first.
      cluster: name,
      folder: join(this.folder, name),
    };
    this.#life = startProcess("test/crash/orchestrator.process.ts", [JSON.stringify(options)], {
      env: {
        NODE_OPTIONS: `--import ${preload}`,
        ...(point ? { [armedVariable]: JSON.stringify({ point, marker }) } : {}),
      },
    });
    return this.#life;
  }

  /** Where the newest life said that it died; undefined when it said nothing. */
  get lastWords(): string | undefined {
    const marker = this.#marker(this.#lives);
    return existsSync(marker) ? readFileSync(marker, "utf8") : undefined;
  }

  /** Idempotency keys, as often as their handlers ran. */
  get effects(): readonly string[] {
    const file = join(this.folder, "effects");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }

  #marker(life: number): string {
    return join(this.folder, `died-${life}`);
  }
}
