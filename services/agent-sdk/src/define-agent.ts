import { type AgentDefinition, problemsOf } from "./agent.ts";
import type { Capabilities } from "./capability.ts";
import type { ServeOptions } from "./config.ts";
import { serve } from "./serve.ts";

/** An agent that can be served. */
export type Agent<C extends Capabilities = Capabilities> = AgentDefinition<C> & {
  /**
   * Registers, heartbeats, takes dispatches, and drains on SIGTERM, SIGINT or when `options.signal` aborts:
   * takes no new work, finishes what runs, waits until its results are acknowledged, and leaves. A second
   * signal ends the process at once. Resolves when the agent has stopped.
   *
   * Rejects when the configuration is wrong (the message says what to do) or the address can't be bound.
   * An unreachable registry is no error: it is tried again for ever.
   *
   * @example
   * ```ts
   * await agent.serve({ registry: "weft-registry:7401", token, drainGraceMs: 60_000 });
   * ```
   */
  serve(options?: ServeOptions): Promise<void>;
};

/**
 * Defines an agent: a name, slots, and what it can do.
 *
 * Throws an Error that lists every problem when the definition is not valid.
 *
 * @example
 * ```ts
 * const agent = defineAgent({
 *   name: "reviewer",
 *   version: "1.4.0",
 *   slots: 8,
 *   capabilities: { "code.review": review },
 * });
 *
 * await agent.serve();
 * ```
 */
export function defineAgent<C extends Capabilities>(definition: AgentDefinition<C>): Agent<C> {
  const problems = problemsOf(definition);
  if (problems.length > 0) throw new Error(`the agent is not valid: ${problems.join("; ")}`);
  return { ...definition, serve: (options) => serve(definition, options) };
}
