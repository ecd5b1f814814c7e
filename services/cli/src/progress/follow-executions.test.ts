import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { Code, RpcError, type ServerStream } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { expect, it, onTestFinished } from "vitest";
import { openConnection } from "../connection.ts";
import { type OrchestratorHandlers, serveScript } from "../testing/scripted-services.ts";
import {
  started,
  stepStarted,
  stepSucceeded,
  story,
  storyId,
  storyStartMs,
  succeeded,
} from "../testing/story.ts";
import { followExecutions } from "./follow-executions.ts";

const told = story([0, started()], [1, stepStarted("a")], [2, stepSucceeded("a")], [3, succeeded()]);

type Watch = Parameters<OrchestratorHandlers["watchExecutions"]>[1];

/** What a reader gets while watch after watch is answered by these. */
async function watched(terminalOnly: boolean, ...answers: readonly ((watch: Watch) => void)[]) {
  const left = new AbortController();
  const toAnswer = [...answers];
  const { address, stop } = await serveScript({
    watchExecutions: (_request, watch) => {
      watch.write({});
      const answer = toAnswer.shift();
      if (answer) answer(watch);
      else left.abort();
    },
    listExecutions: () => ({ executions: [{ executionId: storyId }] }),
    listEvents({ afterSequence }) {
      const left = told.filter(({ sequence }) => sequence > afterSequence);
      return { events: left.slice(0, 1), more: left.length > 1 };
    },
  });
  onTestFinished(stop);
  const connection = openConnection((service) => ({ service, address, token: undefined, origin: "" }));
  onTestFinished(connection.close);
  const clock = new StepClock(storyStartMs);
  const ports = { orchestrator: connection.orchestrator(), clock, signal: left.signal };
  const target = { namespace: "", workflow: "", labels: {}, terminalOnly, payloads: PayloadForm.OMIT };
  const seen: string[] = [];
  for await (const followed of followExecutions(target, ports)) {
    seen.push(followed.kind === "event" ? `event ${followed.event.sequence}` : followed.kind);
    if (followed.kind === "lost") queueMicrotask(() => clock.advance(10_000));
  }
  return seen;
}

function breaks(...from: Parameters<typeof told.slice>) {
  return (watch: ServerStream<{ events?: (typeof told)[number][] }>): void => {
    watch.write({ events: told.slice(...from) });
    watch.fail(new RpcError(Code.UNAVAILABLE, "stopping"));
  };
}

it("brings all pages of what was missed", async () => {
  // The second watch brings nothing more of its own.
  const seen = await watched(false, breaks(0, 1), breaks(0, 0));
  expect(seen.join(", ")).toBe("event 1, lost, resumed, event 2, event 3, event 4, lost");
});

it("brings what was missed while the connection was lost, each event once", async () => {
  const seen = await watched(false, breaks(0, 2), breaks(3, 4));
  // The last two are from the history; what the new watch brings as well is not told again.
  expect(seen.join(", ")).toBe("event 1, event 2, lost, resumed, event 3, event 4, lost");
});

it("brings the ends that were missed, and only those, when only ends are wanted", async () => {
  expect(await watched(true, breaks(0, 0), breaks(3, 4))).toEqual(["lost", "resumed", "event 4", "lost"]);
});
