import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "@weft/runtime/clock";
import { Hearer } from "@weft/runtime/event-bus.contract";
import { silentLogger } from "@weft/runtime/logger";
import { NatsSubscriber } from "@weft/runtime/nats";
import { expect, onTestFinished, test } from "vitest";
import { debianBinary } from "../harness/debian-binaries.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { startWeftDev } from "../harness/weft-dev.ts";
import { start } from "./executions.ts";

const lonely = "{workflow: lonely, version: 1, steps: [{id: a, capability: test.nobody}]}";

function natsPid(folder: string): number {
  return (JSON.parse(readFileSync(join(folder, ".weft/nats/nats.pid"), "utf8")) as { readonly pid: number })
    .pid;
}

function runs(pid: number): boolean {
  try {
    // A zombie, whose parent is gone too, waits to be reaped and runs no more.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("weft dev --nats brings a nats-server of its own, which goes with it, also when it was killed", async () => {
  const folder = temporaryFolder();
  const env = { PATH: `${dirname(debianBinary("nats-server"))}:${process.env["PATH"]}` };
  const killed = await startWeftDev(folder, env, ["--nats"]);
  onTestFinished(() => killed.close());
  const leftOver = natsPid(folder);
  await killed.close();
  expect(runs(leftOver)).toBe(true);

  const dev = await startWeftDev(folder, env, ["--nats"]);
  onTestFinished(() => dev.close());
  expect(runs(leftOver)).toBe(false);
  await start(dev, lonely);
  const [, token = ""] =
    /token: "(.+)"/.exec(readFileSync(join(folder, ".weft/nats/nats.conf"), "utf8")) ?? [];
  const [, url = ""] = /events +(nats:\S+)/.exec(dev.process.output()) ?? [];
  const ports = { clock: systemClock, logger: silentLogger, random: Math.random };
  const subscriber = new NatsSubscriber({ servers: [url], name: "test", token }, ports);
  onTestFinished(() => subscriber.close());
  const heard = new Hearer();
  subscriber.subscribe("test", heard);
  await until("a consumer", () => heard.states.at(-1));
  const executionId = await start(dev, lonely);
  await until("its start on the bus", () =>
    heard.events.some(({ type, subject }) => type === "execution.started" && subject === executionId),
  );
  const pid = natsPid(folder);
  dev.process.kill("SIGINT");
  expect(await dev.process.ended).toBe(0);
  expect(runs(pid)).toBe(false);
}, 60_000);

test("weft dev --nats says what to do where there is no nats-server", async () => {
  const folder = temporaryFolder();
  const dev = startProcess("services/cli/src/main.ts", ["dev", "--nats"], {
    cwd: folder,
    env: { PATH: folder },
  });
  onTestFinished(() => dev.end());
  expect(await dev.ended).not.toBe(0);
  expect(dev.output()).toContain("there is no nats-server on the PATH");
  expect(dev.output()).toContain("WEFT_NATS_URL");
});
