import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Execution, ExecutionStatus, StepStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { type Client, Code, RpcError } from "@weft/runtime/grpc";
import { until } from "../harness/until.ts";

const diamond = `
workflow: diamond
version: 1
steps:
  - { id: top, capability: work.add, with: { to: "\${input.n}" } }
  - { id: left, capability: work.add, with: { to: "\${steps.top.output}" } }
  - { id: right, capability: work.add, with: { to: "\${steps.top.output * 10}" } }
  - { id: join, capability: work.add, with: { to: "\${steps.left.output + steps.right.output}" } }
output: "\${steps.join.output}"`;

const flaky = `
workflow: flaky
version: 1
steps:
  - { id: try, capability: work.flaky, retry: { maxAttempts: 6, initialDelay: 0ms } }
output: "\${steps.try.output}"`;

const later = `
workflow: later
version: 1
steps:
  - { id: ask, capability: work.later, with: { token: "\${input.token}" } }
output: "\${steps.ask.output}"`;

const gated = `
workflow: gated
version: 1
steps:
  - { id: wait, capability: work.gate, with: { gate: "\${input.gate}" } }
  - { id: next, capability: work.add, with: { to: 1 }, dependsOn: [wait] }
output: "\${steps.wait.output}"`;

const tomorrow = `
workflow: tomorrow
version: 1
steps: [{ id: rest, capability: work.tomorrow }]`;

type Orchestrator = Client<typeof OrchestratorService>;

/** What a backend has in the end: each execution under the name of what it was to show. */
export type Ended = Readonly<Record<string, Execution>>;

/** Backends that know what they want, and ask again for as long as it is not known whether they have it. */
export class Clients {
  readonly #orchestrator: Orchestrator;
  readonly #folder: string;
  readonly #run: string;
  /** The first answer to each start. */
  readonly acknowledged = new Map<string, string>();

  constructor(orchestrator: Orchestrator, folder: string, run: string) {
    this.#orchestrator = orchestrator;
    this.#folder = folder;
    this.#run = run;
  }

  /** Everything, to its end. */
  async work(): Promise<Ended> {
    const [one, two, three, retried, completed, cancelled, resumed, asleep] = await Promise.all([
      this.#startAndAwait("diamond-1", diamond, { n: 1 }),
      this.#startAndAwait("diamond-2", diamond, { n: 2 }),
      this.#startAndAwait("diamond-3", diamond, { n: 3 }),
      this.#startAndAwait("flaky", flaky, {}),
      this.#complete(),
      this.#cancel(),
      this.#pauseAndResume(),
      this.#sleep(),
    ]);
    return { one, two, three, retried, completed, cancelled, resumed, asleep };
  }

  async #complete(): Promise<Execution> {
    const token = `token-${this.#run}`;
    const id = await this.#start("later", later, { token });
    const path = join(this.#folder, token);
    // A second handler may have been asked, after the first was lost: the newest token is the one that counts.
    await this.#insist(async () => {
      if ((await this.#get(id)).endTime) return true;
      if (!existsSync(path)) return false;
      const value = { content: { case: "data" as const, value: Buffer.from('"by hand"') } };
      const outcome = { case: "output" as const, value };
      await this.#orchestrator.completeStep({ token: readFileSync(path, "utf8"), outcome });
      return true;
    });
    return this.#await(id);
  }

  async #cancel(): Promise<Execution> {
    const id = await this.#start("to-cancel", gated, { gate: "never" });
    await this.#until(id, "wait", StepStatus.RUNNING);
    await this.#insist(() => this.#orchestrator.cancelExecution({ executionId: id, reason: "enough" }));
    return this.#await(id);
  }

  async #pauseAndResume(): Promise<Execution> {
    const gate = `gate-${this.#run}`;
    const id = await this.#start("to-pause", gated, { gate });
    await this.#until(id, "wait", StepStatus.RUNNING);
    await this.#insist(() => this.#orchestrator.pauseExecution({ executionId: id, reason: "lunch" }));
    writeFileSync(join(this.#folder, gate), "");
    await this.#until(id, "wait", StepStatus.SUCCEEDED);
    // One whose answer was lost has let it go on, to its end perhaps.
    await this.#insist(async () => {
      if ((await this.#get(id)).endTime) return true;
      return this.#orchestrator.resumeExecution({ executionId: id });
    });
    return this.#await(id);
  }

  /** Sleeps for a day; a cancel wakes it. */
  async #sleep(): Promise<Execution> {
    const id = await this.#start("to-sleep", tomorrow, {});
    await this.#until(id, "rest", StepStatus.RETRYING);
    await this.#insist(() => this.#orchestrator.cancelExecution({ executionId: id, reason: "awake" }));
    return this.#await(id);
  }

  async #startAndAwait(name: string, document: string, input: unknown): Promise<Execution> {
    return this.#await(await this.#start(name, document, input));
  }

  /** The same request for as long as it takes: it starts one execution, whichever answer was lost. */
  #start(name: string, document: string, input: unknown): Promise<string> {
    return this.#insist(async () => {
      const { executionId } = await this.#orchestrator.startExecution({
        requestId: `${this.#run}/${name}`,
        workflow: { case: "source", value: { source: { case: "document", value: document } } },
        input: { content: { case: "data", value: Buffer.from(JSON.stringify(input)) } },
      });
      this.acknowledged.set(name, executionId);
      return executionId;
    });
  }

  #await(executionId: string): Promise<Execution> {
    return this.#insist(async () => {
      const { execution } = await this.#orchestrator.awaitExecution({
        executionId,
        payloads: PayloadForm.DATA,
      });
      return execution?.endTime && execution;
    });
  }

  #until(executionId: string, stepId: string, status: StepStatus): Promise<unknown> {
    return this.#insist(async () => {
      const { steps, endTime } = await this.#get(executionId);
      return endTime !== undefined || steps.find((step) => step.stepId === stepId)?.status === status;
    });
  }

  async #get(executionId: string): Promise<Execution> {
    const { execution } = await this.#orchestrator.getExecution({ executionId, payloads: PayloadForm.OMIT });
    if (!execution) throw new Error(`${executionId} has no execution`);
    return execution;
  }

  /** Asks until there is an answer that counts. What says "no" for another reason than a crash is a mistake. */
  #insist<Answer>(ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
    return until("an answer", () =>
      ask().catch((error: unknown) => {
        if (error instanceof RpcError && mayPass(error)) return undefined;
        throw error;
      }),
    );
  }
}

function mayPass({ code, details }: RpcError): boolean {
  return (
    code === Code.UNAVAILABLE ||
    code === Code.CANCELLED ||
    ["STEP_NOT_WAITING", "EXECUTION_ENDED"].includes(details.reason ?? "")
  );
}

/** The output of an execution, as JSON. */
export function outputOf({ status, output }: Execution): unknown {
  if (status !== ExecutionStatus.SUCCEEDED || output?.content.case !== "data") return `status ${status}`;
  return JSON.parse(Buffer.from(output.content.value).toString());
}
