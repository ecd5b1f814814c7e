import type {
  CancelExecutionRequest,
  CompleteStepRequest,
  PlanWorkflowRequest,
  ResetCircuitBreakerRequest,
  StartExecutionRequest,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { Code, RpcError } from "@weft/runtime/grpc";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Script, serveScript } from "../testing/scripted-services.ts";
import { storyId } from "../testing/story.ts";
import { runLine } from "../testing/test-world.ts";

/** For commands that look again after a while. */
const hasty: Clock = {
  ...systemClock,
  after(_delayMs, run) {
    const timer = setImmediate(run);
    return () => clearImmediate(timer);
  },
};

async function weft(script: Script, ...line: readonly string[]) {
  const { address, stop } = await serveScript(script);
  onTestFinished(stop);
  const { exitCode, out, err } = runLine(line, { address, clock: hasty, input: "workflow: report" });
  return { exitCode: await exitCode, out: out.lines(), err: err.lines() };
}

const refusesDefinition: Script = {
  validateWorkflow: () => ({
    valid: false,
    problems: [{ field: "version", message: "must be 1 or more", line: 2 }],
  }),
  planWorkflow: () => {
    throw new RpcError(Code.INVALID_ARGUMENT, "the definition has a problem", {
      reason: "DEFINITION_INVALID",
    });
  },
};

describe("weft start", () => {
  it("starts a registered workflow, its newest version or another, and prints the id", async () => {
    const requests: StartExecutionRequest[] = [];
    const startExecution = (request: StartExecutionRequest) => {
      requests.push(request);
      return { executionId: storyId };
    };
    expect(await weft({ startExecution }, "start", "report")).toEqual({
      exitCode: 0,
      out: [storyId],
      err: [`follow it with: weft watch ${storyId}`],
    });
    await weft({ startExecution }, "start", "report@3", "-i", "null");
    expect(requests).toMatchObject([
      { workflow: { case: "reference", value: { name: "report", version: 0 } } },
      {
        workflow: { case: "reference", value: { name: "report", version: 3 } },
        input: { content: { case: "data" } },
      },
    ]);
  });

  it("starts no definition that has mistakes", async () => {
    expect(await weft(refusesDefinition, "start", "-")).toEqual({
      exitCode: 2,
      out: [],
      err: ["(standard input):2 version: must be 1 or more", "1 mistake"],
    });
  });
});

describe("weft cancel", () => {
  it("hands the reason on", async () => {
    const requests: CancelExecutionRequest[] = [];
    const cancelExecution = (request: CancelExecutionRequest) => {
      requests.push(request);
      return {};
    };
    const { exitCode, out } = await weft({ cancelExecution }, "cancel", storyId, "--reason", "wrong input");
    expect([exitCode, out]).toEqual([0, [`${storyId} is being cancelled`]]);
    expect(requests[0]).toMatchObject({ executionId: storyId, reason: "wrong input" });
    expect((await weft({ cancelExecution }, "cancel", storyId, "-o", "json")).out).toEqual(["{}"]);
  });

  it("tells when there is nothing to cancel any more", async () => {
    const cancelExecution = (): never => {
      throw new RpcError(Code.FAILED_PRECONDITION, "it has already ended", { reason: "EXECUTION_ENDED" });
    };
    expect(await weft({ cancelExecution }, "cancel", storyId)).toMatchObject({
      exitCode: 4,
      err: ["error: it has already ended"],
    });
  });
});

describe("weft pause and weft resume", () => {
  it("hand the id and the reason on, and say what holds now", async () => {
    const requests: unknown[] = [];
    const script: Script = {
      pauseExecution: (request) => {
        requests.push(request);
        return {};
      },
      resumeExecution: (request) => {
        requests.push(request);
        return {};
      },
    };
    expect(await weft(script, "pause", storyId, "--reason", "the index is down")).toEqual({
      exitCode: 0,
      out: [`${storyId} is paused`],
      err: [],
    });
    expect((await weft(script, "resume", storyId)).out).toEqual([`${storyId} goes on`]);
    expect(requests).toMatchObject([
      { executionId: storyId, reason: "the index is down" },
      { executionId: storyId },
    ]);
    expect((await weft(script, "pause", storyId, "-o", "json")).out).toEqual(["{}"]);
    expect((await weft(script, "resume", storyId, "-o", "json")).out).toEqual(["{}"]);
  });
});

describe("weft drain", () => {
  const agentId = "reviewer-1";
  const drained = { agentId, incarnation: "first", slots: 4, freeSlots: 2 };

  it("says how much work is left there", async () => {
    const requests: unknown[] = [];
    const drainAgent: Script["drainAgent"] = (request) => {
      requests.push(request);
      return { agent: { ...drained, freeSlots: 4 } };
    };
    const line = ["drain", agentId, "--incarnation", "first"];
    expect(await weft({ drainAgent }, ...line)).toEqual({
      exitCode: 0,
      out: ["reviewer-1 drains, and is idle"],
      err: [],
    });
    expect(requests).toMatchObject([{ agentId, incarnation: "first" }]);
    expect(JSON.parse((await weft({ drainAgent }, ...line, "-o", "json")).out.join(""))).toMatchObject({
      agent: { agentId, freeSlots: 4 },
    });
  });

  it("waits until the process is idle", async () => {
    const busy = [1, 1, 0];
    const script: Script = {
      drainAgent: () => ({ agent: drained }),
      getAgent: () => ({ agent: { ...drained, freeSlots: drained.slots - (busy.shift() ?? 0) } }),
    };
    expect(await weft(script, "drain", agentId, "--wait")).toEqual({
      exitCode: 0,
      out: ["reviewer-1 drains: 2 of 4 slots are still busy"],
      err: ["reviewer-1 drains: 1 of 4 slots are still busy", "reviewer-1 drains, and is idle"],
    });
  });

  it.each([
    ["gone", () => Promise.reject(new RpcError(Code.NOT_FOUND, "no such agent"))],
    ["another process by now", async () => ({ agent: { ...drained, incarnation: "second" } })],
  ])("does not wait for one that is %s", async (_, getAgent) => {
    const script: Script = { drainAgent: () => ({ agent: drained }), getAgent };
    expect((await weft(script, "drain", agentId, "--wait")).err).toEqual(["reviewer-1 is gone"]);
  });
});

describe("weft complete", () => {
  const token = "w1.ZS9zLzEvMQ";

  async function complete(...line: readonly string[]) {
    const requests: CompleteStepRequest[] = [];
    const completeStep = (request: CompleteStepRequest) => {
      requests.push(request);
      return {};
    };
    return { ...(await weft({ completeStep }, "complete", token, ...line)), requests };
  }

  it("hands an output on: JSON, keys, or nothing, which is null", async () => {
    const outputOf = async (...line: readonly string[]) => {
      const { requests, exitCode } = await complete(...line);
      const [request] = requests;
      const content = request?.outcome.case === "output" ? request.outcome.value.content : undefined;
      expect([exitCode, request?.token, content?.case]).toEqual([0, token, "data"]);
      return content?.case === "data" ? Buffer.from(content.value).toString() : undefined;
    };
    expect(await outputOf("--result", "[1]")).toBe("[1]");
    expect(await outputOf("-r", "approved=true", "-r", "by=ada")).toBe('{"approved":true,"by":"ada"}');
    expect(await outputOf()).toBe("null");
    expect((await complete()).out).toEqual(["the step is completed"]);
    expect((await complete("-o", "json")).out).toEqual(["{}"]);
  });

  it("fails the attempt with a code and a message", async () => {
    const { out, requests } = await complete("--fail", "permission_denied", "--message", "not this week");
    expect(out).toEqual(["the attempt has failed"]);
    expect(requests[0]?.outcome).toMatchObject({
      case: "failure",
      value: { code: Code.PERMISSION_DENIED, message: "not this week" },
    });
  });

  it("refuses what can't be both, and codes that are none", async () => {
    const refused = async (...line: readonly string[]) => {
      const { exitCode, err, requests } = await complete(...line);
      expect([exitCode, requests]).toEqual([2, []]);
      return err[0];
    };
    expect(await refused("--fail", "ABORTED", "-r", "1")).toMatch(/exclude one another/);
    expect(await refused("--message", "why")).toMatch(/give --fail too/);
    expect(await refused("--fail", "OK")).toMatch(/--fail OK: expected one of CANCELLED, /);
    expect(await refused("-r", "text")).toMatch(/--result text: neither JSON nor key=value/);
  });

  it("says where the right token is when this one is not", async () => {
    const completeStep = (): never => {
      throw new RpcError(Code.FAILED_PRECONDITION, "the attempt is not waiting", {
        reason: "STEP_NOT_WAITING",
      });
    };
    expect(await weft({ completeStep }, "complete", token)).toMatchObject({
      exitCode: 4,
      err: [
        "error: the attempt is not waiting",
        "  → weft get shows how the step has ended; each attempt has a token of its own",
      ],
    });
  });
});

describe("weft breakers reset", () => {
  const name = "step/report:publish";

  it("closes the one that is named", async () => {
    const requests: ResetCircuitBreakerRequest[] = [];
    const resetCircuitBreaker = (request: ResetCircuitBreakerRequest) => {
      requests.push(request);
      return {};
    };
    expect(await weft({ resetCircuitBreaker }, "breakers", "reset", name)).toMatchObject({
      exitCode: 0,
      out: [`${name} is closed`],
    });
    expect(requests).toMatchObject([{ name }]);
  });

  it("says what there is to reset when this is not there", async () => {
    const resetCircuitBreaker = (): never => {
      throw new RpcError(Code.NOT_FOUND, "there is none", { reason: "BREAKER_NOT_FOUND" });
    };
    expect(await weft({ resetCircuitBreaker }, "breakers", "reset", name)).toMatchObject({
      exitCode: 4,
      err: ["error: there is none", "  → weft breakers lists those that there are"],
    });
  });

  it.each([["reset"], ["list", name], ["close", name]])(
    "wants a name and a known word: %s",
    async (...words) => {
      expect(await weft({}, "breakers", ...words)).toMatchObject({ exitCode: 2 });
    },
  );
});

describe("weft register", () => {
  const validateWorkflow = () => ({
    valid: true,
    warnings: [{ field: "steps[1]", message: "leads nowhere", line: 9 }],
  });

  it("says whether it was new, and what is odd about it", async () => {
    const registerWorkflow = () => ({ name: "report", version: 3, created: true });
    expect(await weft({ validateWorkflow, registerWorkflow }, "register", "-")).toEqual({
      exitCode: 0,
      out: ["report v3 registered"],
      err: ["(standard input):9 steps[1]: warning: leads nowhere"],
    });
    const again = () => ({ name: "report", version: 3, created: false });
    expect((await weft({ validateWorkflow, registerWorkflow: again }, "register", "-")).out).toEqual([
      "report v3 was registered before, the same",
    ]);
  });
});

describe("weft plan", () => {
  it("plans a registered workflow as well", async () => {
    const requests: PlanWorkflowRequest[] = [];
    const planWorkflow = (request: PlanWorkflowRequest) => {
      requests.push(request);
      return { plan: { steps: [{ stepId: "a" }], batches: [{ stepIds: ["a"] }], criticalPath: ["a"] } };
    };
    expect((await weft({ planWorkflow }, "plan", "report@2")).out.slice(0, 3)).toEqual([
      "report@2  1 step in 1 batch",
      "",
      "  ● a",
    ]);
    expect(requests[0]).toMatchObject({
      workflow: { case: "reference", value: { name: "report", version: 2 } },
    });
  });

  it("tells the mistakes of a definition that can't be planned with their lines", async () => {
    expect(await weft(refusesDefinition, "plan", "-")).toEqual({
      exitCode: 2,
      out: [],
      err: ["(standard input):2 version: must be 1 or more", "1 mistake"],
    });
  });

  it("ends with 2 when there are cycles", async () => {
    const planWorkflow = () => ({
      plan: { hasCycles: true, cycles: [{ stepIds: ["a"] }], steps: [{ stepId: "a" }] },
    });
    expect(await weft({ planWorkflow }, "plan", "-")).toMatchObject({ exitCode: 2 });
  });
});
