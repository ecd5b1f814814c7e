import type { Clock } from "@weft/runtime/clock";
import type { Execution, ExecutionStatus } from "../core/execution.ts";
import { type ExplainedStep, explain } from "../core/explain.ts";
import { isRejection, type Rejection } from "../core/rejection.ts";
import type { Engine } from "./engine.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Queries } from "./queries.ts";
import type { SlotExplanation } from "./slot-explanation.ts";
import type { Store } from "./store.ts";

/** Why an execution has not ended. */
export type Explanation = {
  readonly executionId: string;
  readonly status: ExecutionStatus;
  /** Undefined when its log cannot be read. */
  readonly execution: Execution | undefined;
  /** Why nothing of it is run here; undefined when it is. */
  readonly quarantine: string | undefined;
  /** The log takes nothing at the moment: whatever happens has to wait. */
  readonly isLogBlocked: boolean;
  readonly steps: readonly StepExplanation[];
};

export type StepExplanation = ExplainedStep & {
  /** Of a step that waits for a slot. */
  readonly slot?: SlotExplanation;
  /** Of a step that an agent has. */
  readonly isAgentReachable?: boolean;
};

export type ExplanationPorts = {
  readonly store: Store;
  readonly queries: Queries;
  readonly engine: Engine;
  readonly log: GroupCommit;
  readonly clock: Clock;
};

/** Answers "why is it waiting?": what the execution knows, with what the dispatcher knows of agents. */
export class Explanations {
  readonly #ports: ExplanationPorts;

  constructor(ports: ExplanationPorts) {
    this.#ports = ports;
  }

  async explain(namespace: string, executionId: string): Promise<Explanation | Rejection> {
    const { queries, engine, log, clock } = this.#ports;
    const execution = await queries.get(namespace, executionId);
    const quarantine = engine.quarantineOf(executionId);
    const shared = { executionId, quarantine, isLogBlocked: log.isBlocked };
    if (isRejection(execution)) {
      const row = await this.#ports.store.getExecution(namespace, executionId);
      if (!row || quarantine === undefined) return execution;
      return { ...shared, status: row.status, execution: undefined, steps: [] };
    }
    const steps = explain(execution, clock.now()).map((step) => this.#withAgents(executionId, step));
    return { ...shared, status: execution.state.status, execution, steps };
  }

  #withAgents(executionId: string, explained: ExplainedStep): StepExplanation {
    const { wait } = explained;
    if (wait.kind === "answer")
      return { ...explained, isAgentReachable: this.#ports.engine.isReachable(wait.agentId) };
    if (wait.kind !== "slot") return explained;
    const slot = this.#ports.engine.explainSlot(executionId, explained.step);
    return slot ? { ...explained, slot } : explained;
  }
}
