import { describe, expect, it } from "vitest";
import { capability } from "../capability.ts";
import { defineAgent } from "../define-agent.ts";
import { StepFailure } from "../failure.ts";
import { later } from "../later.ts";
import { unchecked } from "../schema.ts";
import { runCapability } from "./run-capability.ts";

const agent = defineAgent({
  name: "tested",
  version: "1",
  slots: 1,
  capabilities: {
    greet: capability({
      input: unchecked<{ name: string }>(),
      output: unchecked<{ text: string; at?: Date }>(),
      async run({ name }, { progress, log }) {
        progress(0.5, "half");
        progress(1);
        log.info("greeted", { name });
        return { text: `Hello, ${name}` };
      },
    }),
    tell: capability({
      input: unchecked<null>(),
      output: unchecked<readonly unknown[]>(),
      run: (_, { idempotencyKey, executionId, stepId, attempt, workflow, namespace, timeLeftMs }) => [
        idempotencyKey,
        executionId,
        stepId,
        attempt,
        workflow,
        namespace,
        timeLeftMs,
      ],
    }),
    wait: capability({
      input: unchecked<null>(),
      output: unchecked<null>(),
      run: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    }),
    postpone: capability({
      input: unchecked<null>(),
      output: unchecked<string>(),
      run: () => later(),
    }),
    fail: capability({
      input: unchecked<"step" | "any">(),
      output: unchecked<null>(),
      run(kind) {
        if (kind === "any") throw new TypeError("a bug");
        throw new StepFailure("NOT_FOUND", "no such thing", { reason: "GONE" });
      },
    }),
    date: capability({
      input: unchecked<null>(),
      output: unchecked<unknown>(),
      run: () => ({ at: new Date(0), none: undefined }),
    }),
  },
});

describe("runCapability", () => {
  it("gives the output, the progress and the log of a run", async () => {
    const { output, progress, logs } = await runCapability(agent, "greet", { name: "Ada" });
    expect(output.text).toBe("Hello, Ada");
    expect(progress).toEqual([
      { fraction: 0.5, message: "half" },
      { fraction: 1, message: "" },
    ]);
    expect(logs).toMatchObject([{ level: "info", message: "greeted", fields: { name: "Ada" } }]);
  });

  it("fills the context", async () => {
    const plain = await runCapability(agent, "tell", null);
    expect(plain.output).toEqual(["test/step", "test", "step", 1, "test", "default", null]);
    const options = { executionId: "e", stepId: "s", attempt: 3, workflow: "w", namespace: "n" };
    expect((await runCapability(agent, "tell", null, options)).output).toEqual([
      "e/s",
      "e",
      "s",
      3,
      "w",
      "n",
      null,
    ]);
  });

  it("shows the output as an orchestrator gets it: through JSON", async () => {
    expect((await runCapability(agent, "date", null)).output).toEqual({ at: "1970-01-01T00:00:00.000Z" });
  });

  it("shows what a handler that answers later is to be completed with, and that it has no output", async () => {
    const run = await runCapability(agent, "postpone", null, { executionId: "e", stepId: "s", attempt: 2 });
    expect(run.completionToken).toBe(`w1.${Buffer.from("e/s/2/1").toString("base64url")}`);
    expect(() => run.output).toThrow('the handler has answered "later"');
    expect((await runCapability(agent, "date", null)).completionToken).toBeUndefined();
  });

  it("cancels through the signal", async () => {
    const caller = new AbortController();
    const run = expect(runCapability(agent, "wait", null, { signal: caller.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    caller.abort();
    await run;
    await expect(runCapability(agent, "wait", null, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });

  it("throws the failure, and keeps what the handler threw as its cause", async () => {
    const run = runCapability(agent, "fail", "step");
    await expect(run).rejects.toBeInstanceOf(StepFailure);
    await expect(run).rejects.toMatchObject({ code: "NOT_FOUND", message: "no such thing", reason: "GONE" });
    await expect(runCapability(agent, "fail", "any")).rejects.toMatchObject({
      code: "UNKNOWN",
      message: "a bug",
      cause: expect.any(TypeError),
    });
  });
});
