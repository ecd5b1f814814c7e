import type { Agent, AgentState } from "./agent.ts";

/** Which agents a caller asks for. */
export type AgentFilter = {
  /** Undefined: any. */
  readonly capability: string | undefined;
  /** Undefined: any. */
  readonly states: ReadonlySet<AgentState> | undefined;
  /** All must match. */
  readonly labels: readonly (readonly [key: string, value: string])[];
};

/** Whether an agent is among those asked for. */
export function matches({ capability, states, labels }: AgentFilter, agent: Agent): boolean {
  const { registration } = agent;
  if (states && !states.has(agent.state)) return false;
  if (capability !== undefined && !registration.capabilities.some(({ name }) => name === capability))
    return false;
  return labels.every(([key, value]) => registration.labels[key] === value);
}
