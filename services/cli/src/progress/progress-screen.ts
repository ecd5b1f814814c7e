import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";

/** Shows how an execution goes, from the view that it was opened with. */
export type ProgressScreen = {
  /** The event has been applied to the view. */
  readonly happened: (event: Event) => void;
  /** Why steps wait that no agent has taken, by capability. */
  readonly waiting: (reasons: ReadonlyMap<string, string>) => void;
  /** Something about following it, such as that it is being cancelled. */
  readonly notice: (text: string) => void;
  /** Says that the connection is lost; undefined: it is there again. */
  readonly connection: (lost: string | undefined) => void;
  /** Leaves behind what is to stay. */
  readonly close: () => void;
};
