import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker as Thread } from "node:worker_threads";
import { StepClock } from "@weft/runtime/grpc";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { gatedCapability, startTestAgent, type TestAgent } from "../testing/index.ts";
import { recordedLog } from "../testing/recorded-log.ts";
import { workerLimits } from "./core/limits.ts";
import { IdempotencyStore, openIdempotencyStore } from "./idempotency-store.ts";
import { Worker } from "./worker.ts";

const bounds = { countMax: 100, bytesMax: 1_000, ageMsMax: 1_000 };
const output = Buffer.from('"done"');

let served: TestAgent | undefined;
afterEach(() => served?.stop());

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-successes-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "successes.db");
}

async function open(file: string) {
  const { log, lines } = recordedLog();
  const store = await openIdempotencyStore(file, bounds, { clock: new StepClock(), log });
  onTestFinished(() => store.close());
  return { store, lines };
}

/** A store whose thread does what the test says, in place of writing. */
function storeOn(program: string) {
  const thread = new Thread(`const { parentPort } = require("node:worker_threads"); ${program}`, {
    eval: true,
  });
  const clock = new StepClock();
  const { log, lines, logged } = recordedLog();
  const store = new IdempotencyStore(thread, [], { clock, log });
  onTestFinished(() => void thread.terminate());
  return { store, clock, lines, logged, told: () => lines.map(({ message }) => message) };
}

const silent = "idempotency store does not write: a repeated step would run again";

async function serve(file: string) {
  const gate = gatedCapability();
  const agent = defineAgent({
    name: "kept",
    version: "1",
    slots: 4,
    capabilities: { wait: gate.capability },
  });
  served = await startTestAgent(agent, { idempotencyFile: file });
  return { gate, served };
}

it("answers a step of the agent's life before with its success, and runs nothing", async () => {
  const file = temporaryFile();
  const before = await serve(file);
  const first = await before.served.connect();
  first.dispatch("wait", {}, { dispatchId: "e/s/1/1" });
  before.gate.succeed("e/s/1/1", { n: 1 });
  await first.next("succeeded");
  await before.served.stop();

  const after = await serve(file);
  const second = await after.served.connect();
  second.dispatch("wait", {}, { dispatchId: "e/s/1/2" });
  const { dispatchId, output: again } = await second.next("succeeded");
  expect([dispatchId, Buffer.from(again).toString()]).toEqual(["e/s/1/2", '{"n":1}']);
  expect(await after.served.logged("idempotency store open")).toMatchObject({ fields: { successes: 1 } });
  expect(await after.served.logged("answered with a kept result")).toMatchObject({
    fields: { dispatchId: "e/s/1/2" },
  });
  expect(after.served.logs.at(-1)?.message).not.toBe("orchestrator connected");
});

it("has a success written before anybody hears of it; a failure is not written", async () => {
  const gate = gatedCapability();
  const written = Promise.withResolvers<void>();
  const keys: string[] = [];
  const put = (key: string): Promise<void> => {
    keys.push(key);
    return written.promise;
  };
  const agent = defineAgent({
    name: "kept",
    version: "1",
    slots: 2,
    capabilities: { wait: gate.capability },
  });
  const { log } = recordedLog();
  const worker = new Worker({
    agent,
    limits: workerLimits,
    clock: new StepClock(),
    log,
    store: { kept: [], put },
    onLoad() {},
  });
  const ended: string[] = [];
  const execute = (dispatchId: string): Promise<unknown> => {
    const dispatch = { dispatchId, shard: 0, epoch: 0n, capability: "wait", namespace: "n", workflow: "w" };
    const answer = worker.execute({ ...dispatch, input: Buffer.from("1"), timeLeftMs: 0n });
    return answer.then(() => ended.push(dispatchId));
  };
  const succeeds = execute("good");
  const fails = execute("bad");
  gate.succeed("good");
  gate.fail("bad", new Error("no"));
  await fails;
  expect([ended, keys]).toEqual([["bad"], ["\nwait\ngood"]]);
  written.resolve();
  await succeeds;
  worker.stop();
});

it("writes what ends in one turn before any of it is answered", async () => {
  const file = temporaryFile();
  const { store } = await open(file);
  await Promise.all(["a", "b", "c"].map((key) => store.put(key, output)));
  await store.close();
  const { store: next } = await open(file);
  expect(next.kept.map(({ key }) => key)).toEqual(["a", "b", "c"]);
});

it("leaves the output that it was given as it is", async () => {
  const { store } = await open(temporaryFile());
  await store.put("a", output);
  expect(output.toString()).toBe('"done"');
});

it("is refused to a second process, with the file's name", async () => {
  const file = temporaryFile();
  await open(file);
  await expect(open(file)).rejects.toThrow(`${file} can't be opened: another process uses it`);
}, 20_000);

it("lets results go when the disk refuses, and says so once, until it writes again", async () => {
  const { store, told, lines } = storeOn(`
    let problem = "disk full";
    parentPort.on("message", (rows) => {
      parentPort.postMessage({ problem });
      if (rows.length > 1) problem = "";
    });
  `);
  await store.put("a", output);
  await Promise.all([store.put("b", output), store.put("c", output)]);
  expect(told()).toEqual([silent]);
  expect(lines[0]).toMatchObject({ level: "error", fields: { problem: "disk full" } });
  await store.put("d", output);
  expect(told()).toEqual([silent, "idempotency store writes again"]);
});

it("lets results go when the disk does not answer for five seconds", async () => {
  const { store, clock, told } = storeOn(`parentPort.on("message", () => {});`);
  let isWritten = false;
  const written = store.put("a", output).then(() => {
    isWritten = true;
  });
  await Promise.resolve();
  clock.advance(4_999);
  await new Promise(setImmediate);
  expect(isWritten).toBe(false);
  clock.advance(1);
  await written;
  await store.put("b", output);
  expect(told()).toEqual([silent]);
});

it("lets results go when its thread has ended", async () => {
  const { store, logged } = storeOn(`parentPort.once("message", () => process.exit(1));`);
  await store.put("a", output);
  await store.put("b", output);
  expect(await logged(silent)).toMatchObject({ fields: { problem: "its thread has ended" } });
});
