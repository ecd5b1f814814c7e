import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Notification } from "../core/notification.ts";

const file = fileURLToPath(new URL("./alert-engine.process.ts", import.meta.url));
const stages = [0, 1, 2, 3];

let folder = "";
let sink: Server;
let posted: Notification[] = [];
let onPost: (notification: Notification, response: ServerResponse) => void = accept;
let running: ChildProcess | undefined;
let heard = Promise.withResolvers<void>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-alerts-crash-"));
  posted = [];
  onPost = accept;
  sink = createServer((request, response) => {
    void text(request).then((body) => {
      const notification = JSON.parse(body) as Notification;
      posted.push(notification);
      onPost(notification, response);
      heard.resolve();
      heard = Promise.withResolvers();
    });
  });
  sink.listen(0, "127.0.0.1");
  await once(sink, "listening");
});

afterEach(async () => {
  await kill();
  sink.closeAllConnections();
  sink.close();
  await rm(folder, { recursive: true });
});

function accept(_: Notification, response: ServerResponse): void {
  response.end();
}

function start(...more: readonly string[]): ChildProcess {
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
  running = spawn(process.execPath, [file, folder, url, ...more], { stdio: ["ignore", "ignore", "inherit"] });
  return running;
}

async function kill(): Promise<void> {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const gone = once(running, "exit");
  running.kill("SIGKILL");
  await gone;
}

/** Until the sink has seen every stage. */
async function untilAllStages(): Promise<void> {
  while (stages.some((stage) => !posted.some((notification) => notification.stage === stage)))
    await heard.promise;
}

function expectEachStageOnceOrAgain(): void {
  const byId = Map.groupBy(posted, ({ id }) => id);
  expect([...byId.values()].map(([first]) => first?.stage)).toEqual(stages);
  expect(new Set(posted.map(({ dedupKey }) => dedupKey)).size).toBe(1);
  for (const again of byId.values()) for (const one of again) expect(one).toEqual(again[0]);
}

describe("an alert manager that is killed", () => {
  it("whenever it hands a notification over, hands the same one over again, and goes on with the next stage", async () => {
    const killedFor = new Set<string>();
    onPost = (notification, response) => {
      if (killedFor.has(notification.id)) return accept(notification, response);
      killedFor.add(notification.id);
      running?.kill("SIGKILL");
      response.destroy();
    };
    while (killedFor.size < stages.length) await once(start(), "exit");
    start();
    while (stages.some((stage) => posted.filter((notification) => notification.stage === stage).length < 2))
      await heard.promise;
    // Killed with the outcome of one on its way to the disk, it hands that one over again too.
    expectEachStageOnceOrAgain();
  });

  it.each(["before", "after"])("%s any of its saves, loses no notification and no stage", async (side) => {
    for (const save of [1, 2, 3, 4, 5, 6]) {
      posted = [];
      const gone = once(start(side, String(save)), "exit");
      await gone;
      start();
      await untilAllStages();
      await kill();
      expectEachStageOnceOrAgain();
      await rm(folder, { recursive: true });
    }
    folder = await mkdtemp(join(tmpdir(), "weft-alerts-crash-"));
  });
});
