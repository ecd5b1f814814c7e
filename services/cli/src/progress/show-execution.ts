import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { Context } from "../context.ts";
import { durationText } from "../render/time.ts";
import { applyEvent } from "./apply-event.ts";
import type { ExecutionView } from "./execution-view.ts";
import { followExecution } from "./follow-execution.ts";
import { liveProgress } from "./live-progress.ts";
import { plainProgress } from "./plain-progress.ts";
import type { ProgressScreen } from "./progress-screen.ts";
import { explainWaiting } from "./waiting-reasons.ts";

export type Showing = {
  /** The last line while it runs: what Ctrl-C does. */
  readonly footer: string;
  /** Called at each Ctrl-C. */
  readonly onInterrupt: (count: number, control: Control) => void;
};

export type Control = {
  /** Stops following; the execution goes on. */
  readonly leave: () => void;
  readonly notice: (text: string) => void;
};

/** Shows an execution on standard error until it has ended or the reader has left, and brings its view up to then. */
export async function showExecution(
  view: ExecutionView,
  context: Context,
  { footer, onInterrupt }: Showing,
): Promise<void> {
  const { clock, err, connection, interrupts, namespace } = context;
  const screen = err.isLive ? liveProgress(err, clock, view, footer) : plainProgress(err, clock, view);
  const left = new AbortController();
  const control = { leave: () => left.abort(), notice: screen.notice };
  const release = [
    interrupts.listen((count) => onInterrupt(count, control)),
    explainWaiting(view, { registry: connection.registry, clock }, (reasons) => screen.waiting(reasons)),
  ];
  try {
    await follow(view, screen, context, left.signal, namespace);
  } finally {
    for (const run of release) run();
    screen.close();
  }
}

async function follow(
  view: ExecutionView,
  screen: ProgressScreen,
  { connection, clock }: Context,
  signal: AbortSignal,
  namespace: string,
): Promise<void> {
  const { executionId } = view;
  const target = { namespace, executionId, afterSequence: 0n, payloads: PayloadForm.OMIT };
  const ports = { orchestrator: connection.orchestrator(), clock, signal };
  for await (const followed of followExecution(target, ports)) {
    switch (followed.kind) {
      case "event":
        applyEvent(view, followed.event);
        screen.happened(followed.event);
        break;
      case "lost":
        screen.connection(`connection lost; trying again in ${durationText(followed.retryInMs)}`);
        break;
      case "resumed":
        screen.connection(undefined);
        break;
    }
  }
}
