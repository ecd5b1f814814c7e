import type { Clock } from "@weft/runtime/clock";
import { type TreeRow, treeIfKnown } from "../graph/tree.ts";
import { executionLines } from "../render/execution-lines.ts";
import { cutLine, type Line, lineOf } from "../render/line.ts";
import { spinnerFrameMs } from "../render/status-mark.ts";
import type { Size } from "../render/step-tree.ts";
import { openLiveDisplay } from "../terminal/live-display.ts";
import { columnsOf, rowsOf, type Screen } from "../terminal/screen.ts";
import type { ExecutionView } from "./execution-view.ts";
import type { ProgressScreen } from "./progress-screen.ts";

/** What stays on the terminal of an execution with many steps. */
const rowsLeftMax = 60;

/** The tree of steps on a terminal, drawn anew as time passes. */
export function liveProgress(
  screen: Screen,
  clock: Clock,
  view: ExecutionView,
  footer: string,
): ProgressScreen {
  const display = openLiveDisplay(screen);
  let reasons: ReadonlyMap<string, string> = new Map();
  let notice: string | undefined;
  let lost: string | undefined;
  let tree: readonly TreeRow[] = [];
  const linesOf = (size: Size): readonly Line[] => {
    if (tree.length !== view.steps.size) tree = treeIfKnown([...view.steps.values()]);
    return executionLines(view, tree, { nowMs: clock.now(), waiting: reasons }, size);
  };
  let cancelTimer = (): void => {};
  const draw = (): void => {
    const columns = columnsOf(screen);
    // One row for the footer, one for the cursor.
    const lines = linesOf({ columns, rows: rowsOf(screen) - 2 });
    const told = lost ?? notice;
    const last = told === undefined ? lineOf(footer, "dim") : lineOf(told, "yellow");
    display.show([...lines, cutLine(last, columns)]);
    cancelTimer = clock.after(spinnerFrameMs, draw);
  };
  draw();
  return {
    // It is drawn from the view, with the next picture.
    happened: () => {},
    waiting: (found) => {
      reasons = found;
    },
    notice: (text) => {
      notice = text;
    },
    connection: (text) => {
      lost = text;
    },
    close: () => {
      cancelTimer();
      display.leave(linesOf({ columns: columnsOf(screen), rows: rowsLeftMax }));
    },
  };
}
