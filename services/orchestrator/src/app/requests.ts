import { parseDispatchId } from "../core/dispatch-id.ts";
import type { Request, StepOutcome } from "../core/input.ts";
import { isRejection, type Rejection, rejection } from "../core/rejection.ts";
import type { Admission } from "./admission.ts";
import { completionOf } from "./completion-token.ts";
import type { Engine } from "./engine.ts";
import { executionNotFound } from "./refusals.ts";
import type { Store } from "./store.ts";

type Control = Extract<Request, { readonly kind: "cancel" | "pause" | "resume" }>;

/** What backends ask of executions that have started. All of it is durable when it resolves with undefined. */
export class Requests {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #admission: Admission;

  constructor(engine: Engine, store: Store, admission: Admission) {
    this.#engine = engine;
    this.#store = store;
    this.#admission = admission;
  }

  async control(namespace: string, executionId: string, request: Control): Promise<Rejection | undefined> {
    const refused = this.#admission.refuseRequest() ?? (await this.#mustExist(namespace, executionId));
    if (refused) return refused;
    const outcome = await this.#engine.request(executionId, request);
    if (outcome === "unknown") return executionNotFound(namespace, executionId);
    return isRejection(outcome) ? outcome : undefined;
  }

  /** Completes the step that the token stands for. */
  async complete(namespace: string, token: string, outcome: StepOutcome): Promise<Rejection | undefined> {
    const id = completionOf(token);
    const sent = id === undefined ? undefined : parseDispatchId(id);
    if (!sent) return rejection("TOKEN_INVALID", "the token is not one that a handler was given");
    const { executionId, step, attempt, send } = sent;
    const refused = this.#admission.refuseRequest() ?? (await this.#mustExist(namespace, executionId));
    if (refused) return refused;
    const done = await this.#engine.request(executionId, { kind: "complete", step, attempt, send, outcome });
    if (done === "unknown") return executionNotFound(namespace, executionId);
    return isRejection(done) ? done : undefined;
  }

  async #mustExist(namespace: string, executionId: string): Promise<Rejection | undefined> {
    const live = this.#engine.find(executionId);
    if (live)
      return live.header?.namespace === namespace ? undefined : executionNotFound(namespace, executionId);
    const row = await this.#store.getExecution(namespace, executionId);
    return row ? undefined : executionNotFound(namespace, executionId);
  }
}
