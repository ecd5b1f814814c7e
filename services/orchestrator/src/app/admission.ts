import type { Rejection } from "../core/rejection.ts";
import type { GroupCommit } from "./group-commit.ts";
import { diskFullRejection, noRoomRejection } from "./refusals.ts";

/** The disk, as far as new work needs it. */
export type Room = {
  readonly hasRoom: () => boolean;
  /** Somebody has found it full: look at once. */
  readonly look: () => Promise<void>;
};

/** What is let in. Accepted work goes on whatever this says: only what is new is refused. */
export class Admission {
  readonly #log: Pick<GroupCommit, "isBlocked">;
  readonly #room: Room;

  constructor(log: Pick<GroupCommit, "isBlocked">, room: Room) {
    this.#log = log;
    this.#room = room;
  }

  refuseStart(): Rejection | undefined {
    if (this.#room.hasRoom()) return this.refuseRequest();
    return noRoomRejection(
      "the disk has less than its reserve left (WEFT_DISK_FREE_MIN): nothing new is started",
    );
  }

  refuseRequest(): Rejection | undefined {
    if (!this.#log.isBlocked) return undefined;
    return diskFullRejection();
  }
}
