import { createLogUpdate } from "log-update";
import { type Line, paintLine } from "../render/line.ts";
import { type Screen, writeLines } from "./screen.ts";

/** Lines at the bottom of a terminal that are drawn anew in place. */
export type LiveDisplay = {
  readonly show: (lines: readonly Line[]) => void;
  /** Takes the picture away and writes these lines for good. */
  readonly leave: (lines: readonly Line[]) => void;
};

/** The only place that knows log-update. It hides the cursor until `leave`. */
export function openLiveDisplay(screen: Screen): LiveDisplay {
  const update = createLogUpdate(screen.stream);
  return {
    show: (lines) => update(lines.map((line) => paintLine(line, screen.paint)).join("\n")),
    leave: (lines) => {
      update.clear();
      update.done();
      // Not through log-update, which cuts what is higher than the screen.
      writeLines(screen, lines);
    },
  };
}
