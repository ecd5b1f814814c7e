import { type Rejection, rejection } from "../core/rejection.ts";
import type { Abandonment } from "./log-entry.ts";

/** What becomes of a request whose commit was given up. */
export function abandonedRejection(why: Abandonment): Rejection {
  switch (why) {
    case "QUARANTINED":
      return quarantinedRejection("its facts cannot be written");
    case "NO_ROOM":
      return diskFullRejection();
    case "UNKNOWN":
      return rejection(
        "NOT_WRITABLE",
        "whether the request took effect is not known: look, or send it again with the same request id",
        { retryAfterMs: 1_000 },
      );
    case "STOPPED":
      return rejection("NOT_WRITABLE", "the log is not written here any more: ask again", {
        retryAfterMs: 1_000,
      });
  }
}

export function quarantinedRejection(reason: string): Rejection {
  return rejection("QUARANTINED", `the execution is quarantined: ${reason}`);
}

export function diskFullRejection(): Rejection {
  return noRoomRejection(
    "the disk is full: make room on it. What was accepted waits for that, and nothing new is taken",
  );
}

export function noRoomRejection(message: string): Rejection {
  return rejection("NO_ROOM", message, { retryAfterMs: 5_000 });
}

export function tooManyRejection(executionsInFlightMax: number): Rejection {
  return rejection(
    "TOO_MANY_EXECUTIONS",
    `${executionsInFlightMax} executions are in flight; start again later`,
    { retryAfterMs: 1_000 },
  );
}

export function tooManyDefinitionsRejection(lengthWaitingMax: number): Rejection {
  return rejection(
    "TOO_MANY_DEFINITIONS",
    `${lengthWaitingMax} characters of definitions wait to be read: send this one again later`,
    { retryAfterMs: 1_000 },
  );
}

export function executionNotFound(namespace: string, executionId: string): Rejection {
  return rejection("EXECUTION_NOT_FOUND", `namespace ${namespace} has no execution ${executionId}`);
}
