import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordTale } from "./corpus.fixture.ts";
import { newTally } from "./edge-tally.fixture.ts";
import type { Event, RecordedEvent } from "./event.ts";
import { decodeEvent, type EncodedEvent } from "./event-codec.ts";
import { answerLate, playFair } from "./fair-play.fixture.ts";
import { anyMove } from "./hostile-moves.fixture.ts";
import { beginRun, feed } from "./hostile-run.fixture.ts";
import type { JsonObject } from "./json.ts";
import { defaultExecutionLimits } from "./limits.ts";
import { workflowFrom } from "./random-workflow.fixture.ts";
import { type Span, spanEventsMax } from "./span.ts";
import { Trace } from "./trace.ts";
import { startInput, storyStartMs, testWorkflow } from "./transcript.fixture.ts";
import type { Workflow } from "./workflow.ts";

const retry = { maxAttempts: 3, initialDelay: "10ms", maxDelay: "10ms", jitter: false };

function definitionOf(steps: readonly JsonObject[]): JsonObject {
  return { workflow: "w", version: 1, steps: steps.map((step) => ({ capability: "work", retry, ...step })) };
}

function fold(workflow: Workflow, events: readonly RecordedEvent[]): readonly Span[] {
  const trace = new Trace("e1", workflow);
  return events.flatMap((event) => trace.apply(event));
}

function decoded(log: readonly (EncodedEvent & { readonly sequence: number; readonly timeMs: number })[]) {
  return log.map(({ sequence, timeMs, ...encoded }) => ({ sequence, timeMs, event: decodeEvent(encoded) }));
}

/** A story in the words of the transcripts, as spans. */
function spansOf(steps: readonly JsonObject[], script: string): readonly Span[] {
  const definition = definitionOf(steps);
  const commands = script
    .split(/[;\n]/)
    .map((command) => command.trim())
    .filter((command) => command !== "");
  return fold(testWorkflow(definition as never), decoded(recordTale("e1", { definition, commands }).events));
}

/** A line for each span, in the order in which they ended. */
function shown(spans: readonly Span[]): readonly string[] {
  return spans.map(({ path, startMs, endMs, attributes, events, links, failure }) => {
    const times = `${startMs - storyStartMs}–${endMs - storyStartMs}`;
    const notes = events.map(({ name, timeMs }) => ` ${name}@${timeMs - storyStartMs}`).join("");
    const linked = links.map((link) => ` ←${String(link.attributes["weft.link"])} ${link.path}`).join("");
    const why = failure ? ` !${failure.code}` : "";
    return `${path || "execution"} ${times} ${String(attributes["weft.outcome"])}${why}${linked}${notes}`;
  });
}

describe("the spans of an execution", () => {
  it("are the execution, its steps and their sends, each from when it began to when it ended", () => {
    const spans = spansOf(
      [{ id: "a" }, { id: "b", dependsOn: ["a"] }],
      "start {}; due a at x; wait 5; succeeded a/1/1 1; due b at y; wait 7; succeeded b/1/1 2",
    );
    expect(shown(spans)).toEqual([
      "a/1/1 0–5 succeeded",
      "a 0–5 succeeded",
      "b/1/1 5–12 succeeded",
      "b 5–12 succeeded",
      "execution 0–12 succeeded",
    ]);
    expect(spans.map(({ path, parentPath }) => [path, parentPath])).toEqual([
      ["a/1/1", "a"],
      ["a", ""],
      ["b/1/1", "b"],
      ["b", ""],
      ["", undefined],
    ]);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ["weft.send work", "client"],
      ["weft.step a", "internal"],
      ["weft.send work", "client"],
      ["weft.step b", "internal"],
      ["weft.execution w", "server"],
    ]);
  });

  it("say what they are of", () => {
    const [send, step, execution] = spansOf(
      [{ id: "a" }],
      "start {}; due a; wait 4; due a at x; succeeded a/1/1 1",
    );
    const of = { "weft.execution.id": "e1", "weft.step.id": "a", "weft.capability": "work" };
    expect(step!.attributes).toEqual({ ...of, "weft.outcome": "succeeded" });
    expect(send!.attributes).toEqual({
      ...of,
      "weft.attempt": 1,
      "weft.send": 1,
      "weft.agent.id": "x",
      "weft.agent.incarnation": expect.any(String),
      "weft.dispatch.id": "e1/a/1/1",
      "weft.waited_ms": 4,
      "weft.outcome": "succeeded",
    });
    expect(execution!.attributes).toEqual({
      "weft.execution.id": "e1",
      "weft.namespace": "default",
      "weft.workflow.name": "w",
      "weft.workflow.version": 1,
      "weft.created_by": "ada",
      "weft.outcome": "succeeded",
    });
  });

  it("link a send to the one that it stands in for, and say why", () => {
    const spans = spansOf(
      [{ id: "a" }],
      `
      start {}; due a at x; rejected a/1/1 full; due a; wait 3; due a at y; wait 5; lost a/1/2 it crashed; due a at z
      wait 1; failed a/1/3 UNAVAILABLE; wait 10; due a at x; wait 2; succeeded a/2/4 1`,
    );
    expect(shown(spans)).toEqual([
      "a/1/1 0–0 failed_over !UNAVAILABLE",
      "a/1/2 3–8 interrupted !UNAVAILABLE ←failover a/1/1",
      "a/1/3 8–9 failed !UNAVAILABLE ←interruption a/1/2",
      "a/2/4 19–21 succeeded ←retry a/1/3",
      "a 0–21 succeeded failed_over@0 queued@0 interrupted@8 attempt_failed@9 retry_scheduled@9",
      "execution 0–21 succeeded",
    ]);
  });

  it("show a step that somebody else completes as at its agent until then", () => {
    expect(
      shown(spansOf([{ id: "a" }], "start {}; due a at x; later a/1/1; wait 60; complete a/1/1 with 1")),
    ).toEqual(["a/1/1 0–60 succeeded waiting@0", "a 0–60 succeeded", "execution 0–60 succeeded"]);
  });

  it("tell a success that came too late, and of an earlier send", () => {
    expect(
      shown(
        spansOf(
          [{ id: "a" }],
          "start {}; due a at x; lost a/1/1 gone; due a at y; wait 2; succeeded a/1/1 1",
        ).slice(0, -1),
      ),
    ).toEqual([
      "a/1/1 0–0 interrupted !UNAVAILABLE",
      "a/1/2 0–2 superseded ←interruption a/1/1",
      "a 0–2 succeeded interrupted@0 answered_by_earlier_send@2",
    ]);
    expect(
      shown(spansOf([{ id: "a" }], 'start {}; due a at x; cancel; wait 9; succeeded a/1/1 "late"')),
    ).toEqual([
      "a/1/1 0–0 cancelled",
      "a 0–0 cancelled",
      "execution 0–0 cancelled cancel_requested@0",
      "a/late 9–9 succeeded ←late_success a/1/1",
    ]);
  });

  it("are none of a skipped step but a moment, and say who paused and resumed", () => {
    const spans = spansOf(
      [{ id: "a", when: "${input.go}" }, { id: "b" }],
      'start {"go":false}; due a; due b at x; pause; wait 5; resume; failed b/1/1 NOT_FOUND',
    );
    expect(shown(spans)).toEqual([
      "a 0–0 skipped",
      "b/1/1 0–5 failed !NOT_FOUND",
      "b 0–5 failed !NOT_FOUND attempt_failed@5",
      "execution 0–5 failed !NOT_FOUND paused@0 resumed@5",
    ]);
    expect(spans[0]!.attributes["weft.skip.cause"]).toBe("condition");
    expect(spans.at(-1)!.events[0]!.attributes).toEqual({ "weft.requested_by": "ada" });
  });

  it("say that a wait was behind a breaker", () => {
    const held: Event = { kind: "step.queued", step: "a", held: true };
    const workflow = testWorkflow({ steps: [{ id: "a" }] });
    const trace = new Trace("e1", workflow);
    trace.apply({ sequence: 2, timeMs: 1, event: held });
    const [step] = trace.apply({ sequence: 3, timeMs: 2, event: { kind: "step.cancelled", step: "a" } });
    expect(step!.events).toEqual([{ name: "queued", timeMs: 1, attributes: { "weft.held": true } }]);
  });

  it("end with their execution where a log says nothing of their own end, as this release's always does", () => {
    const trace = new Trace("e1", testWorkflow({ steps: [{ id: "a" }] }));
    const binding = { agentId: "x", incarnation: "x#1" };
    const events: readonly Event[] = [
      { kind: "step.started", step: "a", attempt: 1, send: 1, ...binding },
      { kind: "execution.cancelled", reason: "" },
    ];
    const spans = events.flatMap((event, index) =>
      trace.apply({ sequence: index + 2, timeMs: storyStartMs + index, event }),
    );
    expect(shown(spans)).toEqual(["a/1/1 0–1 abandoned", "a 0–1 abandoned"]);
  });

  it("keep a bounded number of events, and never end before they begin", () => {
    const trace = new Trace("e1", testWorkflow({ steps: [{ id: "a" }] }));
    const queued: Event = { kind: "step.queued", step: "a" };
    for (let index = 0; index < spanEventsMax + 3; index++)
      trace.apply({ sequence: index + 2, timeMs: 100, event: queued });
    const cancelled: Event = { kind: "step.cancelled", step: "a" };
    const [step] = trace.apply({ sequence: spanEventsMax + 5, timeMs: 50, event: cancelled });
    expect(step).toMatchObject({ startMs: 100, endMs: 100, attributes: { "weft.events_left_out": 3 } });
    expect(step!.events).toHaveLength(spanEventsMax);
  });

  it("are whole, whatever happens: one for each send, in one tree, and the same each time", () => {
    const draw = fc.integer({ min: 0, max: 0xffff_ffff });
    const draws = (maxLength: number) => fc.array(draw, { minLength: 1, maxLength, size: "max" });
    const scenario = fc.record({ whole: draw, steps: draws(8), moves: draws(60) });
    const tell = ({ whole, steps, moves }: { whole: number; steps: number[]; moves: number[] }): void => {
      const workflow = workflowFrom(whole, steps);
      const run = beginRun(workflow, defaultExecutionLimits, newTally());
      feed(run, startInput({ yes: true, no: false }));
      for (const move of moves) anyMove(run, { successShare: 0.5 }, move);
      playFair(run);
      answerLate(run);
      const events = decoded(run.log.map(({ encoded, ...place }) => ({ ...place, ...encoded })));
      const spans = fold(workflow, events);
      expect(fold(workflow, events)).toEqual(spans);
      const paths = new Set(spans.map(({ path }) => path));
      expect(paths.size).toBe(spans.length);
      for (const { parentPath = "" } of spans) expect(paths).toContain(parentPath);
      const heardOf = new Set(events.flatMap(({ event }) => ("step" in event ? [event.step] : [])));
      const stepSpans = spans.filter(({ kind, path }) => kind === "internal" && !path.endsWith("/late"));
      expect(stepSpans.map(({ path }) => path).sort()).toEqual([...heardOf].sort());
      const sent = events.flatMap(({ event }) =>
        event.kind === "step.started" ? [`${event.step}/${event.attempt}/${event.send}`] : [],
      );
      expect(spans.flatMap(({ kind, path }) => (kind === "client" ? [path] : [])).sort()).toEqual(
        sent.sort(),
      );
    };
    fc.assert(fc.property(scenario, tell), { numRuns: 300 });
  });
});
