import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Worker } from "node:worker_threads";
import {
  type AgentConnector,
  createOrchestrator,
  type Orchestrator,
  orchestratorDefaults,
} from "@weft/orchestrator";
import { openSqliteStore, storeThreads } from "@weft/orchestrator/store-sqlite";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { createRegistry } from "@weft/registry";
import { type Channel, type Client, createChannel } from "@weft/runtime/grpc";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess } from "../harness/process.ts";

const token = "faulty-mesh-token";

/**
 * A mesh whose store can be hurt, for one test. The orchestrator is in this process, so that its threads can be
 * reached; the database, the sockets, and the agent in a process of its own are real.
 */
export class FaultyMesh {
  readonly folder = temporaryFolder();
  /** One for each time that the store was opened: the last is in use. */
  readonly writers: Worker[] = [];
  /** Ids, as they were written to the agent. */
  readonly dispatched: string[] = [];
  #registryAddress = "";
  #address = "127.0.0.1:0";
  #orchestrator: Orchestrator | undefined;
  #channel!: Channel;
  client!: Client<typeof OrchestratorService>;

  /** With a limit the disk is full when the database has so many pages. */
  static async start(pageCountMax?: number): Promise<FaultyMesh> {
    const mesh = new FaultyMesh();
    onTestFinished(() => mesh.#orchestrator?.stop());
    await mesh.#startRegistryAndAgent();
    await mesh.#startOrchestrator(pageCountMax);
    mesh.#channel = createChannel({ address: mesh.#address, token });
    onTestFinished(() => mesh.#channel.close());
    mesh.client = mesh.#channel.client(OrchestratorService);
    return mesh;
  }

  /** Another life of the orchestrator, on the same address and data. */
  async restart(pageCountMax?: number): Promise<void> {
    await this.#orchestrator?.stop();
    await this.#startOrchestrator(pageCountMax);
  }

  /** Another program changes the database, which no limit binds. */
  besideTheStore(sql: string): void {
    const database = new DatabaseSync(join(this.folder, "data", "weft.db"), { timeout: 5_000 });
    database.exec(sql);
    database.close();
  }

  async #startRegistryAndAgent(): Promise<void> {
    const registry = createRegistry({ address: "127.0.0.1:0", token, leaseMs: 10_000 });
    this.#registryAddress = `127.0.0.1:${(await registry.start()).port}`;
    onTestFinished(() => registry.stop());
    const agent = startProcess("test/mesh/agents/recorder.ts", [this.folder, "agent-1"], {
      cwd: this.folder,
      env: { WEFT_REGISTRY: this.#registryAddress, WEFT_TOKEN: token },
    });
    onTestFinished(() => agent.end());
  }

  async #startOrchestrator(pageCountMax?: number): Promise<void> {
    const orchestrator = createOrchestrator(
      {
        ...orchestratorDefaults,
        address: this.#address,
        registryAddress: this.#registryAddress,
        token,
        dataDirectory: join(this.folder, "data"),
        orchestratorId: "one",
        diskFreeBytesMin: 0,
      },
      {
        openStore: ({ dataDirectory = "" }) =>
          openSqliteStore(dataDirectory, pageCountMax === undefined ? {} : { pageCountMax }, {
            ...storeThreads,
            writer: () => this.#startWriter(),
          }),
        wrapConnector: (connector) => this.#recording(connector),
      },
    );
    this.#address = `127.0.0.1:${(await orchestrator.start()).port}`;
    this.#orchestrator = orchestrator;
  }

  #startWriter(): Worker {
    const writer = storeThreads.writer();
    this.writers.push(writer);
    return writer;
  }

  #recording(connector: AgentConnector): AgentConnector {
    return {
      connect: (agent, listener) => {
        const session = connector.connect(agent, listener);
        return {
          dispatch: (dispatch) => {
            const hasLeft = session.dispatch(dispatch);
            if (hasLeft) this.dispatched.push(dispatch.dispatchId);
            return hasLeft;
          },
          cancel: (id, reason) => session.cancel(id, reason),
          extend: (id, timeLeftMs) => session.extend(id, timeLeftMs),
          ack: (id) => session.ack(id),
          wait: (waiting) => session.wait(waiting),
          close: () => session.close(),
        };
      },
    };
  }
}
