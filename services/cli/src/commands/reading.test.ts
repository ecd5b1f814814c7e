import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ListExecutionsRequest } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { Code, RpcError } from "@weft/runtime/grpc";
import { sharedToken } from "@weft/runtime/principal";
import { describe, expect, it } from "vitest";
import { runScripted as weft } from "../testing/run-scripted.ts";
import { scriptedExecution } from "../testing/scripted-execution.ts";
import type { Script } from "../testing/scripted-services.ts";
import {
  started,
  stepStarted,
  stepSucceeded,
  story,
  storyId,
  storyStartMs,
  succeeded,
} from "../testing/story.ts";
import { runLine } from "../testing/test-world.ts";

const told = story(
  [0, started()],
  [0, stepStarted("collect")],
  [900, stepSucceeded("collect")],
  [900, succeeded()],
);

const summary = {
  executionId: storyId,
  workflow: "report",
  workflowVersion: 3,
  status: ExecutionStatus.FAILED,
  labels: { team: "docs" },
  startTime: timestampFromMs(storyStartMs),
  endTime: timestampFromMs(storyStartMs + 1_500),
};

describe("weft list", () => {
  it("shows executions in a table, and how to get more", async () => {
    const script = { listExecutions: () => ({ executions: [summary], nextPageToken: "next" }) };
    expect(await weft(script, ["list"])).toMatchObject({
      exitCode: 0,
      out: [
        "EXECUTION                       WORKFLOW   STATUS  STARTED   TOOK  LABELS",
        `${storyId}  report v3  failed  1 m ago  1.5 s  team=docs`,
      ],
      err: ["more: weft list --page-token next"],
    });
  });

  it("passes its filters on", async () => {
    const requests: ListExecutionsRequest[] = [];
    const script = {
      listExecutions: (request: ListExecutionsRequest) => {
        requests.push(request);
        return {};
      },
    };
    const line =
      "list --workflow report --status failed,running --label a=b --since 1m --limit 7 --page-token t";
    expect((await weft(script, line.split(" "))).out).toEqual(["no executions"]);
    expect(requests[0]).toMatchObject({
      pageSize: 7,
      pageToken: "t",
      filter: {
        workflow: "report",
        statuses: [ExecutionStatus.FAILED, ExecutionStatus.RUNNING],
        labels: { a: "b" },
        startedAfter: timestampFromMs(storyStartMs),
      },
    });
  });

  it("is one document with -o json", async () => {
    const { text } = await weft({ listExecutions: () => ({ executions: [summary] }) }, [
      "list",
      "-o",
      "json",
    ]);
    expect(JSON.parse(text)).toMatchObject({
      executions: [{ executionId: storyId, status: "EXECUTION_STATUS_FAILED" }],
      nextPageToken: "",
    });
  });
});

describe("weft get", () => {
  it("shows the steps, the facts and the payloads", async () => {
    const { out } = await weft(scriptedExecution(told), ["get", storyId]);
    expect(out).toEqual([
      `report v1  ✓ succeeded  0.9 s  1 step  ${storyId}`,
      "✓ collect  repo.collect    0.9 s  agent-1",
      "",
      "started   2030-01-31 12:00:00 by ada",
      "ended     2030-01-31 12:00:00",
      "labels    team=docs",
      'output    "done"',
    ]);
  });

  it("shows a pause, with who asked for it, and the time that is left", async () => {
    const pause = { since: timestampFromMs(storyStartMs), requestedBy: "ada", reason: "a look" };
    const execution = {
      executionId: storyId,
      workflow: "report",
      workflowVersion: 1,
      status: ExecutionStatus.PAUSED,
      startTime: timestampFromMs(storyStartMs),
    };
    const get = async (more: object) =>
      (await weft({ getExecution: () => ({ execution: { ...execution, ...more } }) }, ["get", storyId])).out;
    expect(await get({ pause })).toEqual([
      `report v1  paused: a look  1 m 00 s  0 of 0 steps  ${storyId}`,
      "",
      "started   2030-01-31 12:00:00",
      "paused    2030-01-31 12:00:00 by ada",
    ]);
    const deadlineTime = timestampFromMs(storyStartMs + 90_000);
    expect(await get({ status: ExecutionStatus.RUNNING, deadlineTime })).toContain(
      "times out 2030-01-31 12:01:30",
    );
  });

  it("says what to do about an id that does not exist", async () => {
    const getExecution = (): never => {
      throw new RpcError(Code.NOT_FOUND, "no execution x", { reason: "EXECUTION_NOT_FOUND" });
    };
    expect(await weft({ getExecution }, ["get", "x"])).toMatchObject({
      exitCode: 4,
      err: ["error: no execution x", "  → weft list shows the executions of a namespace with their ids"],
    });
  });
});

describe("weft events", () => {
  it("prints the history, page after page", async () => {
    const many = story(...Array.from({ length: 1_500 }, (_, n) => [n, stepStarted(`s${n}`)] as const));
    const listEvents: Script["listEvents"] = ({ afterSequence, pageSize }) => ({
      events: many.filter(({ sequence }) => sequence > afterSequence).slice(0, pageSize),
    });
    const cut: Script["listEvents"] = ({ afterSequence }) => ({
      events: many.filter(({ sequence }) => sequence > afterSequence).slice(0, 400),
      more: afterSequence < 1_100n,
    });
    expect((await weft({ listEvents: cut }, ["events", storyId])).out).toHaveLength(1_500);
    const { out } = await weft({ listEvents }, ["events", storyId, "--after", "2"]);
    expect(out).toHaveLength(1_498);
    expect(out[0]).toBe("    3  12:00:00.002  s2            runs on agent-1");
    const json = await weft({ listEvents }, ["events", storyId, "-o", "json"]);
    expect(JSON.parse(json.out[1_499] ?? "")).toMatchObject({
      sequence: "1500",
      stepStarted: { stepId: "s1499" },
    });
  });
});

describe("weft explain", () => {
  const steps = [{ stepId: "check", summary: "no agent offers repo.check" }];
  const explainExecution = () => ({ status: ExecutionStatus.RUNNING, steps });

  it("says what each open step waits for", async () => {
    expect(await weft({ explainExecution }, ["explain", storyId])).toMatchObject({
      exitCode: 0,
      out: ["running", "· check  no agent offers repo.check"],
    });
  });

  it("is one document with -o json", async () => {
    const { text } = await weft({ explainExecution }, ["explain", storyId, "-o", "json"]);
    expect(JSON.parse(text)).toMatchObject({ status: "EXECUTION_STATUS_RUNNING", steps });
  });
});

describe("weft watch", () => {
  it("ends as the execution did", async () => {
    expect(await weft(scriptedExecution(told), ["watch", storyId])).toMatchObject({
      exitCode: 0,
      out: ['"done"'],
    });
  });

  it("is a line for each event with -o json", async () => {
    const { exitCode, out } = await weft(scriptedExecution(told), [
      "watch",
      storyId,
      "-o",
      "json",
      "--after",
      "2",
    ]);
    expect(exitCode).toBe(0);
    expect(out.map((line) => Object.keys(JSON.parse(line) as object).at(-1))).toEqual([
      "stepSucceeded",
      "executionSucceeded",
    ]);
  });

  it("does not mix one execution with many", async () => {
    expect(await weft({}, ["watch", storyId, "--workflow", "report"])).toMatchObject({ exitCode: 2 });
  });
});

describe("every command", () => {
  it("says where to find an orchestrator when there is none", async () => {
    const { exitCode, err } = runLine(["list"]);
    expect(await exitCode).toBe(4);
    expect(err.lines()).toEqual([
      "error: where is the orchestrator? There is no .weft/dev.json here or in a folder above",
      "  → start one in another terminal: weft dev",
      "  → or name it: --address HOST:PORT, or WEFT_ORCHESTRATOR",
    ]);
  });

  it("says that the orchestrator is not there", async () => {
    const { exitCode, err } = runLine(["workflows"], { address: "127.0.0.1:1" });
    expect(await exitCode).toBe(4);
    expect(err.lines()[0]).toBe("error: the orchestrator at 127.0.0.1:1 can't be reached");
  });

  it("shows its token", async () => {
    const authenticate = sharedToken("secret", { kind: "developer", name: "ada" });
    const script: Script = { authenticate, listWorkflows: () => ({}) };
    expect((await weft(script, ["workflows", "--token", "secret"])).exitCode).toBe(0);
    expect((await weft(script, ["workflows"], { env: { WEFT_TOKEN: "wrong" } })).err[0]).toMatch(
      /does not let you in/,
    );
  });

  it("has no stack in an error unless it is asked for", async () => {
    const broken: Script = {
      listWorkflows: () => ({ workflows: [{ createTime: { seconds: 9_000_000_000_000_000n } }] }),
    };
    const { exitCode, err } = await weft(broken, ["workflows", "-o", "json"]);
    expect(exitCode).toBe(4);
    expect(err).toEqual([expect.stringContaining("error: unexpected: "), "  → --verbose shows where"]);
    expect((await weft(broken, ["workflows", "-o", "json", "--verbose"])).err.join("\n")).toMatch(/\n\s+at /);
  });
});
