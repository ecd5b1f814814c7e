import { describe, expect, it } from "vitest";
import type { Capability } from "../capability.ts";
import { StepFailure } from "../failure.ts";
import { later } from "../later.ts";
import { type Schema, unchecked } from "../schema.ts";
import { recordedLog } from "../testing/recorded-log.ts";
import { workerLimits } from "./core/limits.ts";
import type { Outcome } from "./core/outcome.ts";
import { runStep } from "./run-step.ts";

const { payloadBytesMax } = workerLimits;

import { stepContext } from "./step-context.ts";

const json = unchecked<unknown>();
const issue = (message: string, ...path: (PropertyKey | { readonly key: PropertyKey })[]) => ({
  message,
  path,
});

function schemaOf(validate: Schema["~standard"]["validate"]): Schema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

function run(capability: Partial<Capability>, input: string | Buffer = "{}", signal?: AbortSignal) {
  const { log, lines } = recordedLog();
  const dispatch = {
    dispatchId: "e/s/1/1",
    shard: 0,
    epoch: 1n,
    capability: "test.it",
    namespace: "n",
    workflow: "w",
    input: Buffer.from(input),
    timeLeftMs: 0n,
  };
  const environment = {
    signal: signal ?? new AbortController().signal,
    log,
    now: () => 0,
    deadlineMs: () => Number.POSITIVE_INFINITY,
    progress() {},
  };
  const context = stepContext(dispatch, environment);
  const whole = { input: json, output: json, run: (value: unknown) => value, ...capability };
  return {
    lines,
    outcome: runStep({ name: "test.it", capability: whole, input: dispatch.input, context, payloadBytesMax }),
  };
}

function shown(outcome: Outcome) {
  if (outcome.status === "succeeded") return Buffer.from(outcome.output).toString();
  return outcome.status === "failed" ? outcome.failure : outcome.status;
}
const show = async (capability: Partial<Capability>, input?: string) =>
  shown(await run(capability, input).outcome);

describe("a step", () => {
  it("gives the handler what the input schema yields, and sends what the output schema yields", async () => {
    const doubled = schemaOf((value) => ({ value: Number(value) * 2 }));
    const capability = { input: doubled, output: doubled, run: (value: unknown) => Number(value) + 1 };
    expect(await show(capability, "5")).toBe("22");
  });

  it("needs no promise when neither a schema nor the handler answers with one", () => {
    expect(run({}, '{"a":1}').outcome).toMatchObject({ status: "succeeded" });
  });

  it("awaits asynchronous schemas and handlers", async () => {
    const promised = schemaOf(async (value) => ({ value }));
    expect(await show({ input: promised, output: promised, run: async (value) => value }, "[1]")).toBe("[1]");
  });

  it("takes `later` for an answer whatever the output's schema says, returned or promised", async () => {
    const output = schemaOf(() => ({ issues: [issue("nothing fits")] }));
    expect(await show({ output, run: () => later() })).toBe("later");
    expect(await show({ output, run: async () => later() })).toBe("later");
  });

  it("sends null for a handler that returns nothing", async () => {
    expect(await show({ run: () => undefined })).toBe("null");
  });
});

describe("an input", () => {
  it("that does not fit fails the step for good, each issue with its path", async () => {
    const input = schemaOf(() => ({
      issues: [issue("required", "commit"), issue("too long", "files", 0, { key: "name" }), issue("odd")],
    }));
    expect(await show({ input })).toEqual({
      code: "INVALID_ARGUMENT",
      message: "test.it: the input does not fit: commit: required; files[0].name: too long; odd",
      retryable: false,
      reason: "INPUT_INVALID",
    });
  });

  it("with very many issues names fifty and counts the rest", async () => {
    const issues = Array.from({ length: 60 }, (_, index) => issue("bad", index));
    expect(await show({ input: schemaOf(() => ({ issues })) })).toMatchObject({
      message: expect.stringMatching(/\[49\]: bad; 10 more$/),
    });
  });

  it("that is not JSON fails the step for good", async () => {
    expect(await show({}, "{")).toMatchObject({ code: "INVALID_ARGUMENT", retryable: false });
  });
});

describe("an output", () => {
  it("that does not fit its schema is the agent's fault, and not tried again", async () => {
    const output = schemaOf(async () => ({ issues: [issue("expected a list", "findings")] }));
    expect(await show({ output })).toEqual({
      code: "INTERNAL",
      message: "test.it: the output does not fit: findings: expected a list",
      retryable: false,
      reason: "OUTPUT_INVALID",
    });
  });

  it.each([
    ["a BigInt", 1n, /BigInt/],
    ["a function", () => {}, /it is a function/],
    ["a symbol", Symbol("s"), /it is a symbol/],
  ])("that JSON can't hold is named: %s", async (_, value, message) => {
    expect(await show({ run: () => value })).toMatchObject({
      code: "INTERNAL",
      message: expect.stringMatching(message),
      retryable: false,
      reason: "OUTPUT_INVALID",
    });
  });

  it("may be as large as payloadBytesMax and no larger", async () => {
    const text = (bytes: number) => ({ run: () => "x".repeat(bytes - 2) });
    expect(await show(text(payloadBytesMax))).toHaveLength(payloadBytesMax);
    expect(await show(text(payloadBytesMax + 1))).toMatchObject({
      code: "OUT_OF_RANGE",
      message: expect.stringContaining("1048577 bytes, more than payloadBytesMax (1048576)"),
      retryable: false,
      reason: "PAYLOAD_TOO_LARGE",
    });
  });
});

describe("a handler that throws", () => {
  const throwing = (error: unknown) => ({
    run: () => {
      throw error;
    },
  });

  it("a StepFailure fails as it says", async () => {
    const failure = new StepFailure("RESOURCE_EXHAUSTED", "spent", {
      retryable: false,
      retryAfterMs: 5,
      reason: "QUOTA",
    });
    const expected = {
      code: "RESOURCE_EXHAUSTED",
      message: "spent",
      retryable: false,
      retryAfterMs: 5,
      reason: "QUOTA",
    };
    expect(await show(throwing(failure))).toEqual(expected);
    expect(await show({ run: () => Promise.reject(failure) })).toEqual(expected);
  });

  it("anything else fails as UNKNOWN, with the message but not the stack, which is logged", async () => {
    const error = new TypeError("x is not a function");
    const { outcome, lines } = run(throwing(error));
    expect(shown(await outcome)).toEqual({ code: "UNKNOWN", message: "x is not a function" });
    expect(lines).toEqual([
      {
        level: "warn",
        message: "the handler threw",
        fields: { dispatchId: "e/s/1/1", executionId: "e", stepId: "s", namespace: "n", error },
      },
    ]);
  });

  it.each([
    ["text", "text"],
    [undefined, "undefined"],
    [{ message: "like an error" }, "like an error"],
    [Object.create(null), "an object was thrown"],
    [new RangeError(), "RangeError"],
  ])("%o is described", async (thrown, message) => {
    expect(await show(throwing(thrown))).toEqual({ code: "UNKNOWN", message });
  });

  it("a long message is cut", async () => {
    const failure = await show(throwing(new Error("m".repeat(9_000))));
    expect(failure).toMatchObject({ message: expect.stringMatching(/^m{8192}…$/) });
  });

  it("after its signal was aborted fails with the signal's reason", async () => {
    const reason = new StepFailure("CANCELLED", "not wanted");
    const controller = new AbortController();
    const abortAndThrow = () => {
      controller.abort(reason);
      throw new Error("aborted");
    };
    const { outcome, lines } = run({ run: abortAndThrow }, "{}", controller.signal);
    expect(shown(await outcome)).toEqual({ code: "CANCELLED", message: "not wanted" });
    expect(lines).toEqual([]);
  });

  it("is not even called when the step was cancelled while its input was checked", async () => {
    const reason = new StepFailure("CANCELLED", "not wanted");
    const { outcome } = run(throwing(new Error("called")), "{}", AbortSignal.abort(reason));
    expect(shown(await outcome)).toEqual({ code: "CANCELLED", message: "not wanted" });
  });

  it("in a schema fails the step and not the agent", async () => {
    const input = schemaOf(() => {
      throw new Error("broken schema");
    });
    expect(await show({ input })).toEqual({ code: "UNKNOWN", message: "broken schema" });
  });
});
