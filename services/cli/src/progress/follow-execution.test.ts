import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { Code, RpcError } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import { openConnection } from "../connection.ts";
import { type Script, serveScript } from "../testing/scripted-services.ts";
import { started, stepStarted, stepSucceeded, story, storyId, succeeded } from "../testing/story.ts";
import { type Followed, followExecution } from "./follow-execution.ts";

const told = story([0, started()], [1, stepStarted("a")], [2, stepSucceeded("a")], [3, succeeded()]);

async function serve(script: Script) {
  const served = await serveScript(script);
  onTestFinished(served.stop);
  return served;
}

/** Follows the story at an address; time passes as fast as it is waited for. */
async function follow(address: string, signal = new AbortController().signal): Promise<readonly string[]> {
  const connection = openConnection((service) => ({
    service,
    address,
    token: undefined,
    origin: "--address",
  }));
  onTestFinished(connection.close);
  const clock = new StepClock();
  const target = { namespace: "", executionId: storyId, afterSequence: 0n, payloads: PayloadForm.OMIT };
  const seen: string[] = [];
  for await (const followed of followExecution(target, {
    orchestrator: connection.orchestrator(),
    clock,
    signal,
  })) {
    seen.push(name(followed));
    if (followed.kind === "lost") queueMicrotask(() => clock.advance(60_000));
  }
  return seen;
}

function name(followed: Followed): string {
  return followed.kind === "event" ? `event ${followed.event.sequence}` : followed.kind;
}

/** What is there behind a sequence, and no more than `most`. */
function eventsAfter(sequence: bigint, most = told.length) {
  return { events: told.filter((event) => event.sequence > sequence).slice(0, most) };
}

const running = { execution: { executionId: storyId, lastSequence: 2n } };
const ended = { execution: { executionId: storyId, lastSequence: 4n, endTime: {} } };

describe("following an execution", () => {
  it("brings its events up to the last", async () => {
    const { address } = await serve({
      watchExecution: ({ afterSequence }, stream) => {
        stream.write(eventsAfter(afterSequence));
        stream.end();
      },
    });
    expect(await follow(address)).toEqual(["event 1", "event 2", "event 3", "event 4"]);
  });

  it("goes on behind the last event when the connection breaks", async () => {
    const asked: bigint[] = [];
    const { address } = await serve({
      getExecution: () => running,
      watchExecution: ({ afterSequence }, stream) => {
        asked.push(afterSequence);
        stream.write(eventsAfter(afterSequence, 2));
        if (asked.length === 1) stream.fail(new RpcError(Code.UNAVAILABLE, "stopping"));
      },
    });
    expect(await follow(address)).toEqual(["event 1", "event 2", "lost", "resumed", "event 3", "event 4"]);
    expect(asked).toEqual([0n, 2n]);
  });

  it("does not take the end of a stream for the end of the execution", async () => {
    let watches = 0;
    const { address } = await serve({
      getExecution: () => running,
      watchExecution: ({ afterSequence }, stream) => {
        stream.write(eventsAfter(afterSequence, ++watches === 1 ? 2 : 4));
        stream.end();
      },
    });
    expect(await follow(address)).toEqual(["event 1", "event 2", "lost", "resumed", "event 3", "event 4"]);
  });

  it("waits for an orchestrator that comes back", async () => {
    let asked = 0;
    const { address } = await serve({
      getExecution: () => {
        if (++asked < 4) throw new RpcError(Code.UNAVAILABLE, "starting", { reason: "STARTING" });
        return running;
      },
      watchExecution: ({ afterSequence }, stream) => {
        if (asked > 0) stream.write(eventsAfter(afterSequence));
        else stream.fail(new RpcError(Code.INTERNAL, "the connection was reset"));
      },
    });
    const seen = await follow(address);
    expect(seen.join(", ")).toBe("lost, lost, lost, lost, resumed, event 1, event 2, event 3, event 4");
  });

  it("ends at once behind the last event", async () => {
    const { address } = await serve({
      getExecution: () => ended,
      watchExecution: (_request, stream) => stream.end(),
    });
    const connection = openConnection((service) => ({ service, address, token: undefined, origin: "" }));
    onTestFinished(connection.close);
    const target = { namespace: "", executionId: storyId, afterSequence: 4n, payloads: PayloadForm.OMIT };
    const ports = { clock: new StepClock(), signal: new AbortController().signal };
    const stream = followExecution(target, { orchestrator: connection.orchestrator(), ...ports });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("gives up on what trying again will not mend", async () => {
    const { address } = await serve({
      watchExecution: () => {
        throw new RpcError(Code.NOT_FOUND, "no such execution", { reason: "EXECUTION_NOT_FOUND" });
      },
    });
    await expect(follow(address)).rejects.toMatchObject({ name: "CallError", message: "no such execution" });
  });

  it("gives up on an orchestrator that stays away", async () => {
    await expect(follow("127.0.0.1:1")).rejects.toMatchObject({ name: "CallError" });
  });

  it("ends when its reader leaves", async () => {
    const left = new AbortController();
    const { address } = await serve({
      watchExecution: ({ afterSequence }, stream) => {
        stream.write(eventsAfter(afterSequence, 1));
        stream.onClose(() => {});
        queueMicrotask(() => left.abort());
      },
    });
    expect((await follow(address, left.signal)).slice(1)).toEqual([]);
  });
});
