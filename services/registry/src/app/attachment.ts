import type { Rejection } from "../core/rejection.ts";

/** What an agent says of itself again and again. */
export type Load = {
  readonly freeSlots: number;
  readonly draining: boolean;
  /** For how long its event loop was held up of late; absent: it does not say. */
  readonly loopLagMs?: number | undefined;
};

/** What the registry says to an agent that it hears. */
export type Standing = {
  /** It is to take no more work. */
  readonly draining: boolean;
};

/** The stream that an agent is attached by. */
export type AgentStream = {
  /** This attach counts no more. Called at most once. */
  end(reason: Rejection): void;
  /** The agent is to take no more work. */
  drain(): void;
};

/** An agent's hold on its attach. What it says once the attach has ended changes nothing. */
export type Attachment = Standing & {
  /** Undefined: this attach counts no more. */
  readonly beat: (load: Load) => Standing | undefined;
  /** The agent ended its stream in good order. */
  readonly end: () => void;
  readonly lose: () => void;
};
