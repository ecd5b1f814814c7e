import type { Capability } from "../capability.ts";
import type { StepContext } from "../context.ts";
import { unchecked } from "../schema.ts";

type Json = ReturnType<typeof unchecked<unknown>>;

/** A capability whose steps end when the test says so, and not before, whatever their signal says. */
export type GatedCapability = {
  readonly capability: Capability<Json, Json>;
  /** Resolves when the handler of this dispatch runs, with its context. */
  started(dispatchId: string): Promise<StepContext>;
  /** Lets the handler return. */
  succeed(dispatchId: string, output?: unknown): void;
  /** Lets the handler throw. */
  fail(dispatchId: string, error: unknown): void;
};

type Gate = {
  readonly started: PromiseWithResolvers<StepContext>;
  readonly ended: PromiseWithResolvers<unknown>;
};

/**
 * Makes a capability that a test opens and closes by hand: to see an agent full, draining, timed out.
 *
 * @example
 * ```ts
 * const gate = gatedCapability();
 * const full = defineAgent({ name: "full", version: "1", slots: 1, capabilities: { wait: gate.capability } });
 * const served = await startTestAgent(full);
 * const orchestrator = await served.connect();
 * const first = orchestrator.dispatch("wait", {});
 * const second = orchestrator.dispatch("wait", {});
 * expect((await orchestrator.next("rejected")).dispatchId).toBe(second);
 * gate.succeed(first, "done");
 * await orchestrator.next("succeeded");
 * await served.stop();
 * ```
 */
export function gatedCapability(): GatedCapability {
  const gates = new Map<string, Gate>();
  const gateOf = (dispatchId: string): Gate => {
    const gate = gates.get(dispatchId) ?? {
      started: Promise.withResolvers<StepContext>(),
      ended: Promise.withResolvers<unknown>(),
    };
    gates.set(dispatchId, gate);
    return gate;
  };
  return {
    capability: {
      input: unchecked<unknown>(),
      output: unchecked<unknown>(),
      run(_, context) {
        const gate = gateOf(context.dispatchId);
        gate.started.resolve(context);
        return gate.ended.promise;
      },
    },
    started: (dispatchId) => gateOf(dispatchId).started.promise,
    succeed: (dispatchId, output) => gateOf(dispatchId).ended.resolve(output),
    fail: (dispatchId, error) => gateOf(dispatchId).ended.reject(error),
  };
}
