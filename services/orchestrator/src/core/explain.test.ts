import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import { explain } from "./explain.ts";
import { beginStory, inputOf, storyStartMs, testWorkflow } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  retry: { jitter: false },
  steps: [
    { id: "a", capability: "repo.collect", queueTimeout: "20s", timeout: "1m" },
    { id: "b", dependsOn: ["a"] },
    { id: "c", dependsOn: ["a", "b"], join: "any" },
  ],
});

/** What each step waits for after these commands, this long after the start. */
function waits(play: string, afterMs = 0, of = workflow) {
  const { execution } = beginStory(of);
  for (const command of play.split(", ").filter((text) => text !== ""))
    advance(execution, inputOf(command, execution), storyStartMs);
  return explain(execution, storyStartMs + afterMs);
}

describe("why a step waits", () => {
  it("for its dependencies: those that are open, and how they are joined", () => {
    const open = waits("start {}");
    expect(open.slice(1)).toEqual([
      { step: "b", status: "PENDING", wait: { kind: "dependencies", open: ["a"], join: "all" } },
      { step: "c", status: "PENDING", wait: { kind: "dependencies", open: ["a", "b"], join: "any" } },
    ]);
  });

  it("for the one before it in a list, whatever that comes to", () => {
    const list = testWorkflow({ mode: "sequential", steps: [{ id: "a" }, { id: "b" }] });
    expect(waits("start {}", 0, list)[1]?.wait).toEqual({ kind: "dependencies", open: ["a"], join: "done" });
  });

  it("for a slot, and until when once it has had to wait", () => {
    const slot = { kind: "slot", capability: "repo.collect", sinceMs: storyStartMs };
    expect(waits("start {}")[0]).toEqual({ step: "a", status: "PENDING", wait: slot });
    expect(waits("start {}, due a")[0]?.wait).toEqual({ ...slot, untilMs: storyStartMs + 20_000 });
    expect(waits("start {}, due a, pause")[0]?.wait).toEqual(slot);
  });

  it("for the answer of an agent", () => {
    const answer = { kind: "answer", agentId: "x", attempt: 1, send: 1 };
    const play = "start {}, due a at x";
    expect(waits(play)[0]).toEqual({
      step: "a",
      status: "RUNNING",
      wait: { ...answer, untilMs: storyStartMs + 60_000 },
    });
    expect(waits(`${play}, pause`)[0]?.wait).toEqual(answer);
  });

  it("for whoever has its token", () => {
    expect(waits("start {}, due a at x, later a/1/1")[0]).toEqual({
      step: "a",
      status: "WAITING",
      wait: { kind: "completion", attempt: 1, send: 1, untilMs: storyStartMs + 60_000 },
    });
  });

  it("for its next attempt, and then for a slot again", () => {
    const play = "start {}, due a at x, failed a/1/1 UNAVAILABLE";
    expect(waits(play)[0]).toEqual({
      step: "a",
      status: "RETRYING",
      wait: {
        kind: "backoff",
        untilMs: storyStartMs + 500,
        attempt: 2,
        lastFailure: { code: "UNAVAILABLE", message: "it broke" },
      },
    });
    expect(waits(play, 500)[0]?.wait).toEqual({
      kind: "slot",
      capability: "repo.collect",
      sinceMs: storyStartMs + 500,
    });
  });

  it("for the time when agents are asked again that have refused it, and then for a slot", () => {
    const refused = [1, 2, 3].map((send) => `due a at x, rejected a/1/${send} full`).join(", ");
    const play = `start {}, ${refused}, due a at x, rejected a/1/4 full`;
    expect(waits(`start {}, ${refused}`)[0]?.wait).toMatchObject({ kind: "slot", sinceMs: storyStartMs });
    expect(waits(play)[0]).toEqual({
      step: "a",
      status: "PENDING",
      wait: { kind: "backoff", untilMs: storyStartMs + 1_000, attempt: 1, lastFailure: undefined },
    });
    expect(waits(play, 1_000)[0]?.wait).toMatchObject({ kind: "slot", sinceMs: storyStartMs + 1_000 });
  });

  it("for a slot also when the clock was set back after it had asked for one", () => {
    const { execution } = beginStory(workflow);
    for (const command of ["start {}", "due a at x", "failed a/1/1 UNAVAILABLE"])
      advance(execution, inputOf(command, execution), storyStartMs);
    advance(execution, inputOf("due a", execution), storyStartMs + 500);
    expect(explain(execution, storyStartMs)[0]?.wait.kind).toBe("slot");
  });

  it("leaves out what has ended, and has nothing to say of an execution that has not begun or is over", () => {
    expect(waits("start {}, due a at x, succeeded a/1/1 1").map(({ step }) => step)).toEqual(["b", "c"]);
    expect(waits("")).toEqual([]);
    expect(waits("start {}, cancel")).toEqual([]);
  });
});
