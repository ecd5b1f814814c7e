import { ConfigError } from "@weft/runtime/config-reader";
import { Code, type ErrorDetails, RpcError } from "@weft/runtime/grpc";
import { describe, expect, it } from "vitest";
import { CallError } from "../call-error.ts";
import { usageError } from "../command-error.ts";
import type { Peer } from "../target.ts";
import { errorLines, reportOf } from "./error-lines.ts";
import { paintLine } from "./line.ts";
import { plain } from "./paint.ts";

const dev: Peer = {
  service: "orchestrator",
  address: "127.0.0.1:7400",
  token: "t",
  origin: "/home/ada/.weft/dev.json",
};

function told(error: unknown): readonly string[] {
  const report = reportOf(error);
  return [...errorLines(report).map((line) => paintLine(line, plain)), `exit ${report.exitCode}`];
}

function refused(code: Code, message: string, details: ErrorDetails = {}, peer = dev): readonly string[] {
  return told(new CallError(peer, new RpcError(code, message, details)));
}

describe("an error", () => {
  it("of an orchestrator that can't be reached says what to start", () => {
    expect(refused(Code.UNAVAILABLE, "No connection established. Last error: ECONNREFUSED")).toEqual([
      "error: the orchestrator at 127.0.0.1:7400 can't be reached",
      "  → is `weft dev` running? Start it in another terminal",
      "exit 4",
    ]);
    expect(
      refused(Code.UNAVAILABLE, "", {}, { ...dev, service: "registry", origin: "WEFT_REGISTRY" }),
    ).toEqual([
      "error: the registry at 127.0.0.1:7400 can't be reached",
      "  → is it running there? 127.0.0.1:7400 is from WEFT_REGISTRY",
      "exit 4",
    ]);
  });

  it("of an orchestrator that answers is its own", () => {
    expect(refused(Code.UNAVAILABLE, "the log cannot be written", { reason: "NOT_WRITABLE" })).toEqual([
      "error: the log cannot be written",
      "exit 4",
    ]);
  });

  it("in single fields has a line for each", () => {
    const violations = [
      { field: "labels.team", description: "must not be empty" },
      { field: "", description: "is too large" },
    ];
    expect(refused(Code.INVALID_ARGUMENT, "the request has bad fields", { violations })).toEqual([
      "error: the request has bad fields",
      "  labels.team: must not be empty",
      "  (the whole): is too large",
      "exit 2",
    ]);
  });

  it("says when to try again", () => {
    expect(
      refused(Code.RESOURCE_EXHAUSTED, "too many in flight", { reason: "X", retryAfterMs: 1_500 }),
    ).toEqual(["error: too many in flight", "  → try again in 1.5 s", "exit 4"]);
  });

  it("says what to do about a token, a name and an id", () => {
    expect(refused(Code.UNAUTHENTICATED, "a token is required", {}, { ...dev, token: undefined })[1]).toBe(
      "  → give its token: --token or WEFT_TOKEN",
    );
    expect(refused(Code.NOT_FOUND, "no workflow x", { reason: "WORKFLOW_NOT_FOUND" })).toContain(
      "  → the name of a file has a dot or a slash in it: flow.yaml, ./flow",
    );
    expect(refused(Code.NOT_FOUND, "no execution x", { reason: "EXECUTION_NOT_FOUND" })[1]).toMatch(
      /weft list/,
    );
  });

  it("of the command line or the environment is one of usage", () => {
    expect(told(usageError("there is no file x", "look again"))).toEqual([
      "error: there is no file x",
      "  → look again",
      "exit 2",
    ]);
    expect(told(new ConfigError([{ name: "WEFT_TOKEN", value: "(hidden)", expected: "less" }])).at(-1)).toBe(
      "exit 2",
    );
  });

  it("that nobody foresaw has no stack in it", () => {
    expect(told(new TypeError("x is not a function"))).toEqual([
      "error: unexpected: x is not a function",
      "  → --verbose shows where",
      "exit 4",
    ]);
  });
});
