import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { debianBinary } from "../harness/debian-binaries.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { startProgram, type TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

const root = join(import.meta.dirname, "../..");
const tour = readFileSync(join(root, "docs/guides/alerts-tour.md"), "utf8");
const readme = readFileSync(join(root, "README.md"), "utf8");
const env = { PATH: [process.env["PATH"], dirname(debianBinary("nats-server"))].join(delimiter) };

/** The first block of a page in a language. */
function block(page: string, language: string): string {
  const [, text] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(page) ?? [];
  return text ?? expect.fail(`no block of ${language}`);
}

/** The words of a command as the tour has it; what stands in capitals there is `subject` here. */
function words(begin: string, subject = ""): readonly string[] {
  const [, line] = new RegExp(`^npm run weft -- (${begin}.*)$`, "m").exec(tour) ?? [];
  if (line === undefined) return expect.fail(`the tour has no ${begin}`);
  const found = line.match(/"[^"]*"|\S+/g) ?? [];
  return found.map((word) => (/^[A-Z]+$/.test(word) ? subject : word.replaceAll('"', "")));
}

/** The folder of somebody who takes the tour. */
function takeTour() {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules/@weft"), { recursive: true });
  symlinkSync(join(root, "services/agent-sdk"), join(folder, "node_modules/@weft/agent-sdk"));
  symlinkSync(join(root, "node_modules/zod"), join(folder, "node_modules/zod"));
  writeFileSync(join(folder, "alerts.yaml"), block(tour, "yaml"));
  writeFileSync(join(folder, "agent.ts"), block(readme, "ts"));
  const main = join(root, "services/cli/src/main.ts");
  const start = (file: string, args: readonly string[], more = {}): TestProcess => {
    const started = startProgram(process.execPath, [file, ...args], {
      cwd: folder,
      env: { ...env, ...more },
    });
    // Asked, so that weft dev ends its nats-server.
    onTestFinished(async () => {
      started.kill("SIGTERM");
      await started.ended;
    });
    return started;
  };
  return {
    startWeft: (args: readonly string[]) => start(main, args),
    startAgent: () => start(join(folder, "agent.ts"), [], { WEFT_AGENT_ID: "greeter-1" }),
    weft: (args: readonly string[]) =>
      spawnSync(process.execPath, [main, ...args], {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, ...env },
      }).stdout,
  };
}

test("an agent is killed: the alert comes, is taken on, and ends when the agent is back", async () => {
  const { startWeft, startAgent, weft } = takeTour();
  const dev = startWeft(words("dev"));
  await until(
    () => `weft dev to serve; it said: ${dev.output()}`,
    () => dev.output().includes("weft dev is ready"),
  );
  expect(dev.output()).toMatch(/events +nats:/);
  const agent = startAgent();
  await until("the agent to be there", () => /greeter-1 +ready/.test(weft(["agents"])));
  agent.kill("SIGKILL");

  const [, alert = ""] = await until(
    "the alert to fire",
    () =>
      /^([0-9a-f]{16}) +firing +warning .*agent-lost +agent=greeter-1 /m.exec(
        weft(words("alerts --state")),
      ) ?? undefined,
  );
  await until("the log to be told", () => dev.output().includes("FIRING warning: agent-lost"));
  expect(weft(words("alerts ack", alert))).toContain("escalates no more");

  startAgent();
  const told = await until("everybody to know that it has ended", () => {
    const shown = weft(words("alerts show", alert));
    return /resolved +0 +delivered/.test(shown) && shown;
  });
  expect(told).toMatch(/^ +taken on +.*: restarting it$/m);
  const lines = told.match(/default +\w+ +0 +delivered/g) ?? [];
  expect(lines.map((line) => line.split(/ +/)[1])).toEqual(["resolved", "acknowledged", "firing"]);
}, 90_000);
