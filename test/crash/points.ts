/** Where a process may be killed: what it was doing, and from which side of it. */
export type CrashPoint = {
  readonly name: string;
  /** In words: what is on disk, and who knows. */
  readonly when: string;
  readonly at: Place;
  /** It dies there the nth time that it comes by. */
  readonly passing?: number;
};

export type Place =
  /** A commit with an event or a row of this kind, before it is asked for or when it is on disk and nobody knows. */
  | { readonly kind: "commit"; readonly with: string; readonly side: "before" | "after" }
  /** Inside the writer's transaction, after this statement, or before it. */
  | { readonly kind: "statement"; readonly sql: string; readonly side: "before" | "after" }
  /** A word to an agent, before it is said or once it has left. */
  | {
      readonly kind: "session";
      readonly verb: "dispatch" | "cancel" | "extend" | "ack";
      readonly side: "before" | "after";
    }
  /** A word from an agent, before anybody has thought about it. */
  | { readonly kind: "heard"; readonly verb: "succeeded" | "failed" | "deferred" }
  /** A read from the log. */
  | { readonly kind: "read"; readonly verb: "readEvents" | "listUnfinished" };

const commit = (kind: string, side: "before" | "after"): Place => ({ kind: "commit", with: kind, side });
const statement = (sql: string, side: "before" | "after"): Place => ({ kind: "statement", sql, side });

export const crashPoints: readonly CrashPoint[] = [
  { name: "start decided", when: "nothing of a start is on disk", at: commit("execution.started", "before") },
  {
    name: "start durable",
    when: "a start is on disk, and was neither answered nor sent",
    at: commit("execution.started", "after"),
  },
  {
    name: "transaction begun",
    when: "a transaction is open and empty",
    at: statement("BEGIN", "after"),
    passing: 3,
  },
  {
    name: "first event written",
    when: "a transaction holds its first event",
    at: statement("INSERT INTO workflow_events", "after"),
    passing: 4,
  },
  {
    name: "execution row written",
    when: "a transaction holds all of a start but its end",
    at: statement("INSERT INTO workflow_executions", "after"),
    passing: 2,
  },
  {
    name: "before COMMIT",
    when: "a transaction is complete and not committed",
    at: statement("COMMIT", "before"),
    passing: 3,
  },
  {
    name: "after COMMIT",
    when: "a transaction is committed, and its thread has not said so",
    at: statement("COMMIT", "after"),
    passing: 3,
  },
  {
    name: "end of an execution being written",
    when: "the row of an execution says that it has ended, in a transaction",
    at: statement("UPDATE workflow_executions", "after"),
  },
  {
    name: "dispatch due",
    when: "a binding is on disk, and the agent has not heard of it",
    at: { kind: "session", verb: "dispatch", side: "before" },
    passing: 2,
  },
  {
    name: "dispatch sent",
    when: "a dispatch has left",
    at: { kind: "session", verb: "dispatch", side: "after" },
    passing: 2,
  },
  {
    name: "result heard",
    when: "an agent has told its result, and nothing was made of it",
    at: { kind: "heard", verb: "succeeded" },
    passing: 2,
  },
  {
    name: "failure heard",
    when: "an agent has told of a failure, and nothing was made of it",
    at: { kind: "heard", verb: "failed" },
  },
  {
    name: "completion decided",
    when: "a completion and the send it causes are decided, and not on disk",
    at: commit("step.succeeded", "before"),
    passing: 2,
  },
  {
    name: "completion durable",
    when: "a completion and the send it causes are on disk; nobody was told, and nothing acked",
    at: commit("step.succeeded", "after"),
    passing: 2,
  },
  {
    name: "ack due",
    when: "a result is on disk, and its agent still keeps it",
    at: { kind: "session", verb: "ack", side: "before" },
    passing: 2,
  },
  {
    name: "ack sent",
    when: "a result is acked",
    at: { kind: "session", verb: "ack", side: "after" },
    passing: 2,
  },
  {
    name: "retry decided",
    when: "a failure and the retry that it leads to are decided, and not on disk",
    at: commit("step.retry_scheduled", "before"),
  },
  {
    name: "retry durable",
    when: "a retry is on disk, and no timer is armed",
    at: commit("step.retry_scheduled", "after"),
  },
  {
    name: "snapshot written",
    when: "a snapshot is on disk with the commit that it stands for",
    at: commit("snapshot", "after"),
  },
  {
    name: "later heard",
    when: 'a handler has answered "later", and nothing was made of it',
    at: { kind: "heard", verb: "deferred" },
  },
  {
    name: "later durable",
    when: "a step waits to be completed, and its agent was not told that this is known",
    at: commit("step.waiting", "after"),
  },
  {
    name: "sleep durable",
    when: "an execution sleeps on disk, and is still in memory",
    at: commit("asleep", "after"),
  },
  {
    name: "cancel decided",
    when: "nothing of a cancel is on disk",
    at: commit("execution.cancel_requested", "before"),
  },
  {
    name: "cancel durable",
    when: "a cancel is on disk, and neither the caller nor the agent knows",
    at: commit("execution.cancel_requested", "after"),
  },
  {
    name: "cancel due",
    when: "a cancel is on disk, and the agent is about to be told",
    at: { kind: "session", verb: "cancel", side: "before" },
  },
  {
    name: "pause durable",
    when: "a pause is on disk, and nobody knows",
    at: commit("execution.paused", "after"),
  },
  {
    name: "pause being told",
    when: "a pause is on disk, and the agent is about to be told",
    at: { kind: "session", verb: "extend", side: "before" },
  },
  {
    name: "resume durable",
    when: "the end of a pause is on disk, and nothing was sent",
    at: commit("execution.resumed", "after"),
  },
  {
    name: "end decided",
    when: "the end of an execution is decided, and not on disk",
    at: commit("execution.succeeded", "before"),
  },
  {
    name: "end durable",
    when: "the end of an execution is on disk, and nobody was told",
    at: commit("execution.succeeded", "after"),
  },
];

/** A second crash, while the first is being recovered from. */
export const recoveryPoints: readonly CrashPoint[] = [
  {
    name: "take-over",
    when: "the shard is taken over, and nothing is read",
    at: { kind: "read", verb: "listUnfinished" },
  },
  {
    name: "recovery",
    when: "some executions are read, and others are not",
    at: { kind: "read", verb: "readEvents" },
    passing: 2,
  },
];
