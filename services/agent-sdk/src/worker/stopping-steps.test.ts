import { RejectionReason } from "@weft/proto/weft/agent/v1/agent_pb";
import { Code } from "@weft/runtime/grpc";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { StepFailure } from "../failure.ts";
import { unchecked } from "../schema.ts";
import { gatedCapability, startTestAgent, type TestAgent } from "../testing/index.ts";

let served: TestAgent | undefined;
afterEach(() => served?.stop());

async function serve() {
  const gate = gatedCapability();
  const obedient = {
    input: unchecked<unknown>(),
    output: unchecked<unknown>(),
    run: (_: unknown, { signal }: { readonly signal: AbortSignal }) =>
      new Promise<unknown>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new Error("aborted by a library"))),
      ),
  };
  const capabilities = { wait: gate.capability, obey: obedient };
  served = await startTestAgent(defineAgent({ name: "gated", version: "1", slots: 1, capabilities }));
  return { gate, served, orchestrator: await served.connect() };
}

const cancel = (dispatchId: string, epoch = 1n) =>
  ({
    entry: { case: "cancel", value: { dispatchId, shard: 0, epoch, reason: "no longer wanted" } },
  }) as const;

const extend = (dispatchId: string, timeLeftMs: bigint, epoch = 1n) =>
  ({ entry: { case: "extend", value: { dispatchId, shard: 0, epoch, timeLeftMs } } }) as const;

describe("a cancel", () => {
  it("aborts the signal, and the step fails as CANCELLED with the reason given", async () => {
    const { orchestrator } = await serve();
    const dispatchId = orchestrator.dispatch("obey", {});
    orchestrator.send(cancel(dispatchId));
    expect((await orchestrator.next("failed")).failure).toMatchObject({
      code: Code.CANCELLED,
      message: "no longer wanted",
    });
  });

  it("leaves the slot to a handler that ignores it, until that ends", async () => {
    const { orchestrator, gate } = await serve();
    const dispatchId = orchestrator.dispatch("wait", {});
    orchestrator.send(cancel(dispatchId));
    const { signal } = await gate.started(dispatchId);
    expect(await orchestrator.untaken()).toMatchObject([{ case: "accepted" }]);
    expect(signal.reason).toBeInstanceOf(StepFailure);
    orchestrator.dispatch("wait", {});
    expect(await orchestrator.next("rejected")).toMatchObject({ reason: RejectionReason.FULL });
    gate.succeed(dispatchId, "too late, and true all the same");
    expect(await orchestrator.next("succeeded")).toMatchObject({ dispatchId });
  });

  it("with a lower epoch is ignored", async () => {
    const { orchestrator, gate } = await serve();
    await orchestrator.claim(0, 2n);
    const dispatchId = orchestrator.dispatch("wait", {}, { epoch: 2n });
    orchestrator.send(cancel(dispatchId, 1n));
    await orchestrator.untaken();
    expect((await gate.started(dispatchId)).signal.aborted).toBe(false);
  });
});

describe("the end of an attempt's time", () => {
  it("aborts the signal with the reason DEADLINE, and the step fails as DEADLINE_EXCEEDED", async () => {
    const { served, orchestrator } = await serve();
    orchestrator.dispatch("obey", {}, { timeLeftMs: 5_000 });
    await orchestrator.next("accepted");
    served.advance(4_999);
    expect(await orchestrator.untaken()).toEqual([]);
    served.advance(1);
    expect((await orchestrator.next("failed")).failure).toMatchObject({
      code: Code.DEADLINE_EXCEEDED,
      message: "the attempt timed out after 5000 ms",
      reason: "DEADLINE",
    });
  });

  it("fails a handler that goes on a second later, and its slot stays taken until it ends", async () => {
    const { served, orchestrator, gate } = await serve();
    const dispatchId = orchestrator.dispatch("wait", {}, { timeLeftMs: 5_000 });
    const { signal } = await gate.started(dispatchId);
    served.advance(5_000);
    expect(signal.reason).toMatchObject({ code: "DEADLINE_EXCEEDED", reason: "DEADLINE" });
    served.advance(999);
    expect(await orchestrator.untaken()).toMatchObject([{ case: "accepted" }]);
    served.advance(1);
    expect((await orchestrator.next("failed")).failure).toMatchObject({ code: Code.DEADLINE_EXCEEDED });
    orchestrator.dispatch("wait", {});
    expect(await orchestrator.next("rejected")).toMatchObject({ reason: RejectionReason.FULL });

    gate.succeed(dispatchId);
    await gate.started(await dispatchUntilTaken());
    expect((await orchestrator.untaken()).filter((entry) => entry.case === "succeeded")).toEqual([]);

    async function dispatchUntilTaken(): Promise<string> {
      await orchestrator.untaken();
      return orchestrator.dispatch("wait", {});
    }
  });

  it("moves with an extension, and the context with it", async () => {
    const { served, orchestrator, gate } = await serve();
    const context = await gate.started(orchestrator.dispatch("wait", {}, { timeLeftMs: 5_000 }));
    served.advance(4_000);
    orchestrator.send(extend(context.dispatchId, 3_000n));
    await orchestrator.untaken();
    expect(context.timeLeftMs).toBe(3_000);
    served.advance(2_999);
    expect(context.signal.aborted).toBe(false);
    served.advance(1);
    expect(context.signal.reason).toMatchObject({ message: "the attempt timed out after 5000 ms" });
  });

  it("comes sooner when the extension says so", async () => {
    const { served, orchestrator, gate } = await serve();
    const { dispatchId, signal } = await gate.started(orchestrator.dispatch("wait", {}));
    orchestrator.send(extend(dispatchId, 100n));
    await orchestrator.untaken();
    served.advance(100);
    expect(signal.aborted).toBe(true);
  });

  it("does not come while the execution is paused, which an extension of 0 says", async () => {
    const { served, orchestrator, gate } = await serve();
    const context = await gate.started(orchestrator.dispatch("wait", {}, { timeLeftMs: 5_000 }));
    orchestrator.send(extend(context.dispatchId, 0n));
    await orchestrator.untaken();
    served.advance(60_000);
    expect(context.timeLeftMs).toBe(Number.POSITIVE_INFINITY);
    orchestrator.send(extend(context.dispatchId, 5_000n));
    await orchestrator.untaken();
    served.advance(5_000);
    expect(context.signal.aborted).toBe(true);
  });

  it("stays when the extension comes after it, with a lower epoch, or for a step that is not there", async () => {
    const { served, orchestrator, gate } = await serve();
    const { dispatchId, signal } = await gate.started(orchestrator.dispatch("wait", {}, { timeLeftMs: 50 }));
    orchestrator.send(extend(dispatchId, 0n, 0n), extend("e/s/1/1", 0n));
    await orchestrator.untaken();
    served.advance(50);
    expect(signal.aborted).toBe(true);
    orchestrator.send(extend(dispatchId, 0n));
    await orchestrator.untaken();
    served.advance(1_000);
    expect(await orchestrator.next("failed")).toMatchObject({ dispatchId });
  });

  it("counts down in the context", async () => {
    const { served, orchestrator, gate } = await serve();
    const context = await gate.started(orchestrator.dispatch("wait", {}, { timeLeftMs: 5_000 }));
    expect(context.timeLeftMs).toBe(5_000);
    served.advance(1_500);
    expect(context.timeLeftMs).toBe(3_500);
  });
});

describe("progress", () => {
  it("is sent at most once in 100 ms, and the last one wins", async () => {
    const { served, orchestrator, gate } = await serve();
    const { progress, dispatchId } = await gate.started(orchestrator.dispatch("wait", {}));
    progress(0.1, "one");
    expect(await orchestrator.next("progress")).toMatchObject({ dispatchId, fraction: 0.1, message: "one" });
    progress(0.2, "two");
    progress(0.3, "three");
    served.advance(99);
    expect(await orchestrator.untaken()).toMatchObject([{ case: "accepted" }]);
    served.advance(1);
    expect(await orchestrator.next("progress")).toMatchObject({ fraction: 0.3, message: "three" });
  });

  it("that nobody could be told waits for the next claim: to an orchestrator it is a sign of life", async () => {
    const { served, orchestrator, gate } = await serve();
    const { progress, dispatchId } = await gate.started(orchestrator.dispatch("wait", {}));
    orchestrator.cut();
    await served.logged("orchestrator disconnected");
    progress(0.4, "alone");
    served.advance(1_000);
    const next = await served.connect();
    expect(await next.next("progress")).toMatchObject({ dispatchId, fraction: 0.4, message: "alone" });
  });

  it("is not sent after the result, even when it came just before", async () => {
    const { served, orchestrator, gate } = await serve();
    const { progress, dispatchId } = await gate.started(orchestrator.dispatch("wait", {}));
    progress(0.1);
    await orchestrator.next("progress");
    progress(0.9);
    gate.succeed(dispatchId);
    await orchestrator.next("succeeded");
    progress(1);
    served.advance(1_000);
    expect(await orchestrator.untaken()).toMatchObject([{ case: "accepted" }]);
  });
});
