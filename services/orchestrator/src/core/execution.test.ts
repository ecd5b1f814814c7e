import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import type { Event } from "./event.ts";
import { evolve } from "./evolve.ts";
import { blankExecution, executionTransitions, stepTransitions } from "./execution.ts";
import { isRejection } from "./rejection.ts";
import { beginStory, inputOf, storyStartMs, testWorkflow } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  timeout: "1h",
  retry: { jitter: false, initialDelay: "0ms" },
  steps: [
    { id: "a" },
    { id: "bad", dependsOn: ["a"], with: "${input.missing}" },
    { id: "blocked", dependsOn: ["bad"] },
    { id: "never", dependsOn: ["a"], when: "${input.never}" },
    { id: "rare", queueTimeout: "1m" },
  ],
});
const alone = testWorkflow({ timeout: "1h", steps: [{ id: "a" }] });

/** The transitions that a play makes, seen event by event. */
function edgesOf(play: string, of = workflow): { readonly steps: string[]; readonly executions: string[] } {
  const told = blankExecution("e1", of);
  const seen = blankExecution("e1", of);
  const edges = { steps: [] as string[], executions: [] as string[] };
  for (const command of play.split(", ")) {
    const outcome = advance(told, inputOf(command, told), storyStartMs);
    if (isRejection(outcome) || outcome.events.length === 0) throw new Error(`${command} does nothing`);
    for (const recorded of outcome.events) {
      const steps = seen.steps.map(({ state }) => state.status);
      const { status } = seen.state;
      evolve(seen, recorded);
      if (seen.state.status !== status) edges.executions.push(`${status} → ${seen.state.status}`);
      for (const [index, from] of steps.entries()) {
        const to = seen.steps[index]!.state.status;
        if (to !== from) edges.steps.push(`${from} → ${to}`);
      }
    }
  }
  return edges;
}

function legal(table: { readonly [from: string]: readonly string[] }): readonly string[] {
  return Object.entries(table).flatMap(([from, targets]) => targets.map((to) => `${from} → ${to}`));
}

const lostTwice = "due a at x, lost a/1/1 crash, due a at y, lost a/1/2 crash";

/** For each edge of a step's table, a play that takes it. */
const stepPlays: { readonly [edge: string]: string } = {
  "PENDING → RUNNING": "start {}, due a at x",
  "PENDING → RETRYING": `start {}, ${lostTwice}`,
  "PENDING → SUCCEEDED": "start {}, due a at x, lost a/1/1 crash, succeeded a/1/1 1",
  "PENDING → FAILED": "start {}, due a at x, succeeded a/1/1 1, due bad",
  "PENDING → SKIPPED": 'start {"never":false}, due a at x, succeeded a/1/1 1, due never',
  "PENDING → CANCELLED": "start {}, cancel",
  "RUNNING → PENDING": "start {}, due a at x, rejected a/1/1 full",
  "RUNNING → RETRYING": "start {}, due a at x, timed out a/1/1",
  "RUNNING → WAITING": "start {}, due a at x, later a/1/1",
  "RUNNING → SUCCEEDED": "start {}, due a at x, succeeded a/1/1 1",
  "RUNNING → FAILED": "start {}, due a at x, failed a/1/1 NOT_FOUND",
  "RUNNING → CANCELLED": "start {}, due a at x, time is up",
  "RETRYING → RUNNING": "start {}, due a at x, failed a/1/1 UNKNOWN, due a at x",
  "RETRYING → FAILED": "start {}, due rare at x, failed rare/1/1 UNKNOWN, due rare, queue timed out rare",
  "RETRYING → CANCELLED": "start {}, due a at x, failed a/1/1 UNKNOWN, cancel",
  "WAITING → RETRYING": "start {}, due a at x, later a/1/1, complete a/1/1 as UNKNOWN",
  "WAITING → SUCCEEDED": "start {}, due a at x, later a/1/1, complete a/1/1 with 1",
  "WAITING → FAILED": "start {}, due a at x, later a/1/1, complete a/1/1 as NOT_FOUND",
  "WAITING → CANCELLED": "start {}, due a at x, later a/1/1, cancel",
};

const executionPlays: { readonly [edge: string]: string } = {
  "PENDING → RUNNING": "start {}",
  "RUNNING → PAUSED": "start {}, pause",
  "RUNNING → SUCCEEDED": "start {}, due a at x, succeeded a/1/1 1",
  "RUNNING → FAILED": "start {}, time is up",
  "RUNNING → CANCELLED": "start {}, cancel",
  "PAUSED → RUNNING": "start {}, pause, resume",
  "PAUSED → SUCCEEDED": "start {}, due a at x, pause, succeeded a/1/1 1",
  "PAUSED → FAILED": "start {}, due a at x, pause, failed a/1/1 NOT_FOUND",
  "PAUSED → CANCELLED": "start {}, pause, cancel",
};

describe("the transition table of a step", () => {
  it.each(Object.entries(stepPlays))("%s", (edge, play) => {
    expect(edgesOf(play).steps).toContain(edge);
  });

  it("has a play for every edge, and no play takes another", () => {
    expect(Object.keys(stepPlays)).toEqual(legal(stepTransitions));
    const taken = Object.values(stepPlays).flatMap((play) => edgesOf(play).steps);
    expect([...new Set(taken)].sort()).toEqual([...legal(stepTransitions)].sort());
  });
});

describe("the transition table of an execution", () => {
  it.each(Object.entries(executionPlays))("%s", (edge, play) => {
    expect(edgesOf(play, alone).executions).toContain(edge);
  });

  it("has a play for every edge, and no play takes another", () => {
    expect(Object.keys(executionPlays)).toEqual(legal(executionTransitions));
    const taken = Object.values(executionPlays).flatMap((play) => edgesOf(play, alone).executions);
    expect([...new Set(taken)].sort()).toEqual([...legal(executionTransitions)].sort());
  });
});

describe("evolve", () => {
  function after(play: string) {
    const execution = blankExecution("e1", alone);
    for (const command of play.split(", ").filter((text) => text !== ""))
      advance(execution, inputOf(command, execution), storyStartMs);
    return (event: Event, sequence = execution.sequence + 1) =>
      evolve(execution, { sequence, timeMs: storyStartMs, event });
  }

  it.each([
    ["a terminal step", "start {}, due a at x, succeeded a/1/1 1", { kind: "step.cancelled", step: "a" }],
    [
      "a step that backs off",
      "start {}, due a at x, failed a/1/1 UNKNOWN",
      { kind: "step.succeeded", step: "a", attempt: 2, send: 1, payload: { text: "1" } },
    ],
    [
      "a step that waits to be completed",
      "start {}, due a at x, later a/1/1",
      {
        kind: "step.failed_over",
        step: "a",
        attempt: 1,
        send: 1,
        agentId: "x",
        incarnation: "",
        reason: "",
        dueAtMs: 0,
      },
    ],
    ["an execution that is not paused", "start {}", { kind: "execution.resumed", requestedBy: "" }],
    [
      "an execution that is paused already",
      "start {}, pause",
      { kind: "execution.paused", reason: "", requestedBy: "" },
    ],
    ["an execution that has ended", "start {}, cancel", { kind: "execution.cancelled", reason: "" }],
    ["an execution that has not started", "", { kind: "execution.cancelled", reason: "" }],
  ] satisfies [string, string, Event][])("refuses an illegal transition of %s", (_what, play, event) => {
    expect(() => after(play)(event)).toThrow("illegal transition");
  });

  it("refuses an event out of its turn, be it missing, repeated or of a step that is not there", () => {
    const apply = after("start {}, due a at x");
    expect(() => apply({ kind: "step.queued", step: "a" }, 4)).toThrow("e1: event 4 follows event 2");
    expect(() => apply({ kind: "step.queued", step: "a" }, 2)).toThrow("e1: event 2 follows event 2");
    expect(() => apply({ kind: "step.queued", step: "z" })).toThrow("the workflow has no step z");
  });

  it("leaves a step as it was when its success comes too late", () => {
    const { execution } = beginStory(alone);
    for (const command of ["start {}", "due a at x", "cancel"])
      advance(execution, inputOf(command, execution), storyStartMs);
    const { state } = execution.steps[0]!;
    advance(execution, inputOf("succeeded a/1/1 1", execution), storyStartMs);
    expect(execution.steps[0]!.state).toBe(state);
    expect(execution.steps[0]!.lateSuccess).toEqual({ attempt: 1, send: 1 });
  });

  it("refuses a first start without an input", () => {
    const started: Event = {
      kind: "step.started",
      step: "a",
      attempt: 1,
      send: 1,
      agentId: "x",
      incarnation: "",
    };
    expect(() => after("start {}")(started)).toThrow("step a was started without an input");
  });

  it("refuses to put a step off that no agent has", () => {
    const waiting: Event = { kind: "step.waiting", step: "a", attempt: 1, send: 0 };
    expect(() => after("start {}")(waiting)).toThrow("only a running step can wait to be completed");
  });
});
