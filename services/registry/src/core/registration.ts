/** What an agent can do. */
export type Capability = {
  readonly name: string;
  readonly version: string;
  /** Slots that it may take at once; 0: all of the agent's. */
  readonly concurrencyMax: number;
};

/** What an agent says of itself when it attaches. */
export type Registration = {
  readonly agentId: string;
  /** New at every start of the agent's process. */
  readonly incarnation: string;
  readonly name: string;
  readonly version: string;
  /** host:port of its AgentService. */
  readonly address: string;
  readonly capabilities: readonly Capability[];
  readonly slots: number;
  readonly freeSlots: number;
  readonly region: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When this incarnation started, in milliseconds since the epoch by its own clock; undefined: not told. */
  readonly startedAt: number | undefined;
};
