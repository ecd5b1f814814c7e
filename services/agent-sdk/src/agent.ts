import type { Capabilities } from "./capability.ts";

/** What an agent is, apart from where it runs. */
export type AgentDefinition<C extends Capabilities = Capabilities> = {
  /** Lower-case letters, digits and "-", 63 at most. */
  readonly name: string;
  /** Of the agent's code, such as "1.4.0". */
  readonly version: string;
  /** Steps that it runs at the same time, 1 to 4,096. */
  readonly slots: number;
  readonly capabilities: C;
  /** For operators and placement. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Where it runs; WEFT_AGENT_ZONE and WEFT_AGENT_REGION win over these. */
  readonly zone?: string | undefined;
  readonly region?: string | undefined;
};

export const slotsMax = 4_096;

/** Everything that is wrong with a definition, one sentence each. */
export function problemsOf({ name, version, slots, capabilities }: AgentDefinition): readonly string[] {
  const problems: string[] = [];
  if (!/^[a-z0-9-]{1,63}$/.test(name))
    problems.push(`name ${JSON.stringify(name)} is not 1 to 63 of a-z, 0-9 and "-"`);
  if (version === "") problems.push("version is empty");
  if (!isWithin(slots, slotsMax)) problems.push(`slots ${slots} is not a whole number from 1 to ${slotsMax}`);
  if (Object.keys(capabilities).length === 0) problems.push("capabilities is empty");
  for (const [key, { maxConcurrency }] of Object.entries(capabilities)) {
    if (!/^[a-z0-9.-]{1,63}$/.test(key))
      problems.push(`capability ${JSON.stringify(key)} is not 1 to 63 of a-z, 0-9, "-" and "."`);
    if (maxConcurrency !== undefined && !isWithin(maxConcurrency, slotsMax))
      problems.push(`maxConcurrency ${maxConcurrency} of ${key} is not a whole number from 1 to ${slotsMax}`);
  }
  return problems;
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
