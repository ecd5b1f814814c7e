import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@weft/proto/google/rpc/code_pb";
import { EventSchema, SkipCause } from "@weft/proto/weft/workflow/v1/event_pb";
import { expect, it } from "vitest";
import { started, stepStarted, stepSucceeded, story, storyStartMs, succeeded } from "../testing/story.ts";
import { eventLine } from "./event-line.ts";
import { paintLine } from "./line.ts";
import { plain } from "./paint.ts";

const failure = { code: Code.UNAVAILABLE, message: "the index is being rebuilt" };
const lost = { stepId: "check", attempt: 1, send: 1, agentId: "agent-1", reason: "connection lost" };

const everything = story(
  [0, started()],
  [0, { case: "stepQueued", value: { stepId: "check" } }],
  [5, stepStarted("check")],
  [6, { case: "stepFailedOver", value: { ...lost, reason: "full" } }],
  [7, { case: "stepInterrupted", value: lost }],
  [8, { case: "stepAttemptFailed", value: { stepId: "check", attempt: 1, send: 1, failure } }],
  [
    8,
    {
      case: "stepRetryScheduled",
      value: { stepId: "check", attempt: 2, dueTime: timestampFromMs(storyStartMs + 508) },
    },
  ],
  [508, stepStarted("check", "agent-2", 2)],
  [600, { case: "stepProgressed", value: { stepId: "check", fraction: 0.5, message: "half" } }],
  [650, { case: "stepWaiting", value: { stepId: "check", attempt: 2, send: 2 } }],
  [700, stepSucceeded("check")],
  [700, { case: "stepFailed", value: { stepId: "a_step_with_a_long_name", failure } }],
  [700, { case: "stepSkipped", value: { stepId: "report", cause: SkipCause.UPSTREAM } }],
  [700, { case: "stepSkipped", value: { stepId: "report", cause: SkipCause.CONDITION } }],
  [700, { case: "stepCancelled", value: { stepId: "notify" } }],
  [700, { case: "stepSucceededLate", value: { stepId: "notify", attempt: 1, send: 1 } }],
  [750, { case: "executionPaused", value: { reason: "a look at the data", requestedBy: "ada" } }],
  [760, { case: "executionResumed", value: { requestedBy: "bob" } }],
  [800, { case: "executionCancelRequested", value: { reason: "wrong input", requestedBy: "ada" } }],
  [800, { case: "executionTimedOut", value: {} }],
  [900, succeeded()],
  [900, { case: "executionFailed", value: { failure } }],
  [900, { case: "executionCancelled", value: { reason: "" } }],
  [900, { case: undefined }],
);

it("says every event in words", () => {
  expect(everything.map((event) => paintLine(eventLine(event), plain))).toEqual([
    "12:00:00.000  execution     report v1 started by ada",
    "12:00:00.000  check         waits for an agent",
    "12:00:00.005  check         runs on agent-1",
    "12:00:00.006  check         goes to another agent: agent-1 did not take it: full",
    "12:00:00.007  check         interrupted: agent-1 was lost: connection lost",
    "12:00:00.008  check         attempt 1 failed: UNAVAILABLE: the index is being rebuilt",
    "12:00:00.008  check         attempt 2 in 0.5 s",
    "12:00:00.508  check         attempt 2 runs on agent-2",
    "12:00:00.600  check         50 % half",
    "12:00:00.650  check         answered later: waits to be completed",
    "12:00:00.700  check         succeeded",
    "12:00:00.700  a_step_with_a_long_name  failed: UNAVAILABLE: the index is being rebuilt",
    "12:00:00.700  report        skipped: needs a step that did not succeed",
    "12:00:00.700  report        skipped: its condition was false",
    "12:00:00.700  notify        cancelled",
    "12:00:00.700  notify        succeeded, too late to count",
    "12:00:00.750  execution     paused by ada: a look at the data",
    "12:00:00.760  execution     resumed by bob",
    "12:00:00.800  execution     cancel requested by ada: wrong input",
    "12:00:00.800  execution     ran out of time",
    "12:00:00.900  execution     succeeded",
    "12:00:00.900  execution     failed: UNAVAILABLE: the index is being rebuilt",
    "12:00:00.900  execution     cancelled",
    "12:00:00.900  execution     something that this version of weft does not know",
  ]);
});

it("leaves no event of the contract out", () => {
  const cases = EventSchema.oneofs[0]?.fields.map(({ localName }) => localName);
  expect(new Set(everything.flatMap(({ event }) => event.case ?? []))).toEqual(new Set(cases));
});
