import { Code } from "@weft/proto/google/rpc/code_pb";
import type { StartExecutionRequest } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { scriptedExecution } from "../testing/scripted-execution.ts";
import { type Script, serveScript } from "../testing/scripted-services.ts";
import {
  started,
  stepStarted,
  stepSucceeded,
  story,
  storyId,
  storyStartMs,
  succeeded,
} from "../testing/story.ts";
import { runLine, type TestWorldOptions } from "../testing/test-world.ts";

const failure = { code: Code.INVALID_ARGUMENT, message: "changes nothing" };
const beginning = [
  [0, started()],
  [0, stepStarted("collect")],
] as const;
const wellDone = story(...beginning, [900, stepSucceeded("collect")], [900, succeeded()]);
const failed = story(
  ...beginning,
  [900, { case: "stepFailed", value: { stepId: "collect", failure } }],
  [900, { case: "executionFailed", value: { failure } }],
);
const cancelled = story(...beginning, [
  900,
  { case: "executionCancelled", value: { reason: "wrong input" } },
]);

async function run(script: Script, args: readonly string[] = [], options: TestWorldOptions = {}) {
  const { address, stop } = await serveScript(script);
  onTestFinished(stop);
  return runLine(["run", "-", ...args], { address, input: "workflow: report", ...options });
}

describe("weft run", () => {
  it("prints the result on standard output and everything else on standard error", async () => {
    const { exitCode, out, err } = await run(scriptedExecution(wellDone));
    expect(await exitCode).toBe(0);
    expect(out.text()).toBe('"done"\n');
    expect(err.lines()).toEqual([
      "12:00:00.000  execution     report v1 started by ada",
      "12:00:00.000  collect       runs on agent-1",
      "12:00:00.900  collect       succeeded",
      "12:00:00.900  execution     succeeded",
      `report v1 succeeded in 0.9 s  ${storyId}`,
    ]);
  });

  it("follows an execution through a pause, a late answer and facts that it does not know", async () => {
    const told = story(
      ...beginning,
      [100, { case: "stepWaiting", value: { stepId: "collect", attempt: 1, send: 1 } }],
      [200, { case: "executionPaused", value: { reason: "a look", requestedBy: "ada" } }],
      [300, { case: undefined }],
      [400, { case: "executionResumed", value: { requestedBy: "bob" } }],
      [500, { case: "stepSucceededLate", value: { stepId: "unheard_of", attempt: 1, send: 1 } }],
      [900, stepSucceeded("collect")],
      [900, succeeded()],
    );
    const plainly = await run(scriptedExecution(told));
    expect(await plainly.exitCode).toBe(0);
    expect(plainly.err.lines().slice(2, 7)).toEqual([
      "12:00:00.100  collect       answered later: waits to be completed",
      "12:00:00.200  execution     paused by ada: a look",
      "12:00:00.300  execution     something that this version of weft does not know",
      "12:00:00.400  execution     resumed by bob",
      "12:00:00.500  unheard_of    succeeded, too late to count",
    ]);
    const live = await run(scriptedExecution(told), [], { terminal: { columns: 80, rows: 24 } });
    expect(await live.exitCode).toBe(0);
    expect(live.err.text()).toContain("succeeded late");
  });

  it("sends the definition as it was written, with input, labels and request id", async () => {
    const requests: StartExecutionRequest[] = [];
    const script = scriptedExecution(wellDone);
    const { exitCode } = await run(
      {
        ...script,
        startExecution: (request) => {
          requests.push(request);
          return { executionId: storyId };
        },
      },
      ["-i", "path=.", "--label", "team=docs", "--request-id", "r1", "--namespace", "n1"],
    );
    await exitCode;
    expect(requests[0]).toMatchObject({
      namespace: "n1",
      requestId: "r1",
      labels: { team: "docs" },
      workflow: { case: "source", value: { source: { case: "document", value: "workflow: report" } } },
    });
    const content = requests[0]?.input?.content;
    expect(content?.case === "data" && new TextDecoder().decode(content.value)).toBe('{"path":"."}');
  });

  it("tells by its exit code how the execution ended", async () => {
    const failing = await run(scriptedExecution(failed));
    expect(await failing.exitCode).toBe(1);
    expect([failing.out.text(), failing.err.lines().at(-1)]).toEqual([
      "",
      "step collect failed: INVALID_ARGUMENT: changes nothing",
    ]);
    const stopped = await run(scriptedExecution(cancelled));
    expect([await stopped.exitCode, stopped.out.text()]).toEqual([3, ""]);
  });

  it("prints the execution with -o json, however it ended", async () => {
    const { exitCode, out } = await run(scriptedExecution(failed), ["-o", "json"]);
    expect(await exitCode).toBe(1);
    expect(JSON.parse(out.text())).toMatchObject({
      execution: {
        executionId: storyId,
        status: "EXECUTION_STATUS_FAILED",
        lastSequence: "4",
        output: { json: "done" },
      },
    });
  });

  it("starts nothing when the definition has mistakes, and tells them all", async () => {
    const { exitCode, err } = await run({
      validateWorkflow: () => ({
        valid: false,
        problems: [
          { field: "steps[2].dependsOn[0]", message: 'there is no step "x"', line: 14 },
          { field: "", message: "is empty" },
        ],
        warnings: [{ field: "steps[0]", message: "leads nowhere", line: 3 }],
      }),
    });
    expect(await exitCode).toBe(2);
    expect(err.lines()).toEqual([
      '(standard input):14 steps[2].dependsOn[0]: there is no step "x"',
      "(standard input): is empty",
      "(standard input):3 steps[0]: warning: leads nowhere",
      "2 mistakes and 1 warning",
    ]);
  });

  it("only starts with --detach", async () => {
    const { exitCode, out } = await run(scriptedExecution([]), ["--detach"]);
    expect([await exitCode, out.text()]).toEqual([0, `${storyId}\n`]);
  });

  it("is told on one screen while it runs, and leaves the tree behind", async () => {
    const clock = new StepClock(storyStartMs);
    const events = Promise.withResolvers<void>();
    const script = scriptedExecution(wellDone);
    const terminal = { columns: 80, rows: 24 };
    const running = await run(
      {
        ...script,
        watchExecution: async (_request, stream) => {
          stream.write({ events: wellDone.slice(0, 2) });
          await events.promise;
          stream.write({ events: wellDone.slice(2) });
          stream.end();
        },
      },
      [],
      { clock, terminal },
    );
    const screen = (): string => running.err.text();
    await vi.waitFor(() => {
      clock.advance(100);
      expect(screen()).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] collect {2}repo\.collect {4}0\.\d s {2}agent-1/);
    });
    expect(screen()).toContain("Ctrl-C cancels it");
    events.resolve();
    expect(await running.exitCode).toBe(0);
    expect(running.err.lines().slice(-2)).toEqual([
      `report v1  ✓ succeeded  0.9 s  1 step  ${storyId}`,
      "✓ collect  repo.collect    0.9 s  agent-1",
    ]);
  });
});

/** An execution that runs until it is cancelled, and what was asked of it. */
function endless(onCancel: () => void): { readonly script: Script; readonly reasons: string[] } {
  const reasons: string[] = [];
  const cancel = Promise.withResolvers<void>();
  const script = scriptedExecution(cancelled);
  return {
    reasons,
    script: {
      ...script,
      watchExecution: async (_request, stream) => {
        stream.write({ events: cancelled.slice(0, 2) });
        await cancel.promise;
        stream.write({ events: cancelled.slice(2) });
        stream.end();
      },
      cancelExecution: ({ reason }) => {
        reasons.push(reason);
        onCancel();
        cancel.resolve();
        return {};
      },
    },
  };
}

describe("Ctrl-C in weft run", () => {
  it("cancels the execution, and waits for its end", async () => {
    const { script, reasons } = endless(() => {});
    const { exitCode, err, interrupt } = await run(script);
    await vi.waitFor(() => expect(err.text()).toContain("runs on agent-1"));
    interrupt();
    expect(await exitCode).toBe(3);
    expect(reasons).toEqual(["interrupted at the terminal"]);
    expect(err.text()).toContain("cancelling it: running steps are told to stop; Ctrl-C again leaves");
  });

  it("leaves when it comes again, and says how to come back", async () => {
    const script = { ...endless(() => {}).script, cancelExecution: () => new Promise<never>(() => {}) };
    const { exitCode, err, interrupt } = await run(script);
    await vi.waitFor(() => expect(err.text()).toContain("runs on agent-1"));
    interrupt();
    interrupt();
    expect(await exitCode).toBe(4);
    expect(err.text()).toContain(`weft watch ${storyId}`);
  });
});

describe("a step that no agent takes", () => {
  it("says why it waits, once", async () => {
    const clock = new StepClock(storyStartMs);
    const queued = story([0, started()], [0, { case: "stepQueued", value: { stepId: "collect" } }]);
    let asked = 0;
    const listAgents = () => {
      asked++;
      return {};
    };
    const { exitCode, err, interrupt } = await run(
      { ...scriptedExecution(queued), listAgents, cancelExecution: () => ({}) },
      [],
      { clock },
    );
    await vi.waitFor(() => {
      clock.advance(1_000);
      expect(asked).toBeGreaterThan(3);
    });
    expect(err.text()).toContain("collect  no agent offers repo.collect\n");
    expect(err.text().match(/no agent offers/g)).toHaveLength(1);
    interrupt();
    interrupt();
    expect(await exitCode).toBe(4);
  });
});
