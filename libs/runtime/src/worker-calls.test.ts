import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { WorkerCalls, WorkerLost } from "./worker-calls.ts";

type EchoCalls = {
  open(options: null): void;
  echo(text: string): string;
  close(argument: null): void;
};

/** A worker whose code sees each call as `call`, with `reply(value)` at hand. */
function workerThat(code: string): Worker {
  const source = `
    const { parentPort } = require("node:worker_threads");
    parentPort.on("message", (call) => {
      const reply = (value) => parentPort.postMessage({ id: call.id, value });
      ${code}
    });`;
  return new Worker(source, { eval: true });
}

const exitsOnCall = "process.exit(3)";

describe("calls to a worker", () => {
  it("are answered in order", async () => {
    const calls = new WorkerCalls<EchoCalls>(workerThat("reply(call.argument)"), "the worker");
    const answers = await Promise.all(["a", "b", "c"].map((text) => calls.call("echo", text)));
    expect(answers).toEqual(["a", "b", "c"]);
    await calls.close("closed");
  });

  it("fail with what the worker says", async () => {
    const failing = "parentPort.postMessage({ id: call.id, error: 'no such row' })";
    const calls = new WorkerCalls<EchoCalls>(workerThat(failing), "the worker");
    await expect(calls.call("echo", "a")).rejects.toThrow("no such row");
    await calls.close("closed");
  });

  it("in flight fail when the worker stops, and so do all later ones", async () => {
    const calls = new WorkerCalls<EchoCalls>(workerThat(exitsOnCall), "the worker");
    const both = await Promise.allSettled([calls.call("echo", "a"), calls.call("echo", "b")]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const lost = new WorkerLost("the worker stopped with code 3");
    await expect(calls.call("echo", "c")).rejects.toStrictEqual(lost);
    await calls.close("closed");
  });

  it("fail with the error that stopped the worker", async () => {
    const calls = new WorkerCalls<EchoCalls>(workerThat("throw new Error('out of luck')"), "the worker");
    await expect(calls.call("echo", "a")).rejects.toThrow("out of luck");
    await calls.close("closed");
  });

  it("made before it closes are answered; later ones fail", async () => {
    const calls = new WorkerCalls<EchoCalls>(workerThat("setImmediate(reply, call.argument)"), "the worker");
    const made = calls.call("echo", "a");
    const closing = calls.close("it is closed");
    await expect(calls.call("echo", "b")).rejects.toThrow("it is closed");
    await closing;
    expect(await made).toBe("a");
  });
});
