/** What the alert manager keeps in mind at most. Reaching a limit is counted and said, and never ends it. */
export type MemoryLimits = {
  /** Beyond it a new execution is not watched for being late: those that are open longer matter more. */
  readonly executionsMax: number;
  /** Beyond it a new step is not watched for being late, stuck or queued. */
  readonly stepsMax: number;
  /** Workflows and capabilities whose failures are counted; beyond it the one that was quiet longest is forgotten. */
  readonly seriesMax: number;
  /** Agents, breakers, shards, and lists of recent mishaps: of each kind; the one that was quiet longest goes. */
  readonly subjectsMax: number;
};

export const defaultMemoryLimits: MemoryLimits = {
  executionsMax: 100_000,
  stepsMax: 200_000,
  seriesMax: 5_000,
  subjectsMax: 20_000,
};

/** Of one rule, at a time. More are cut off, and counted. */
export const alertsPerRuleMax = 500;
/** Pending, firing and acknowledged ones, of all rules. */
export const alertsMax = 5_000;
/** A notification shows so many, and says how many more there are. */
export const alertsPerNotificationMax = 50;
/** Ids of executions or steps that an alert names. */
export const examplesMax = 5;
/** Mishaps of one workflow that are kept one by one. */
export const recentMax = 100;
/** Changes of one agent, and fires of one alert, that are kept one by one. */
export const changesMax = 50;
export const silencesMax = 1_000;
/** A silence ends within a year: one that never ends is a rule to delete. */
export const silenceMsMax = 366 * 86_400_000;
export const commentLengthMax = 1_000;
export const textLengthMax = 256;

export const rulesMax = 500;
export const escalationsMax = 100;
export const stagesMax = 20;
export const stageReceiversMax = 20;
export const inhibitionsMax = 100;
export const labelsMax = 32;
/** Of the rules' file. */
export const problemsMax = 100;
/** Resolved alerts, and notifications that are done with: so many are kept, and none longer than `keptMs`. */
export const resolvedMax = 2_000;
export const notificationsDoneMax = 2_000;
export const keptMs = 7 * 86_400_000;
/** Notifications that wait to be delivered; beyond it the oldest is given up. */
export const notificationsPendingMax = 10_000;
/** An agent that is gone is remembered so long. */
export const goneAgentMs = 86_400_000;
export const receiversMax = 100;
/** Addresses of one e-mail receiver, and members of an Alertmanager cluster. */
export const recipientsMax = 50;
