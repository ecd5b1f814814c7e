import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess } from "../harness/process.ts";

test("the demo ends with its report though an agent and the orchestrator are killed in the middle", async () => {
  const folder = temporaryFolder();
  const subject = join(folder, "subject");
  mkdirSync(subject);
  writeFileSync(join(subject, "README.md"), "# Subject\n");
  writeFileSync(join(subject, "one.ts"), "export const one = 1;\n");
  const demo = startProcess("examples/repository-report/src/demo/main.ts", ["--chaos", subject], {
    env: { INIT_CWD: folder },
  });
  onTestFinished(() => demo.end());

  expect(await demo.ended, demo.output()).toBe(0);
  const said = demo.output();
  expect(said.match(/✗ SIGKILL for (analyst-\d|weft dev)/g)).toHaveLength(2);
  expect(said).toMatch(
    /measure {2}runs on (analyst-\d), interrupted: \1 was lost, runs on analyst-\d, succeeded; effect delivered 2 times, applied once/,
  );
  for (const step of ["collect", "check", "report", "notify"])
    expect(said).toMatch(new RegExp(`${step} +runs on .*succeeded; effect delivered .*, applied once`));
  expect(readdirSync(join(folder, "report"))).toContain("notifications.ndjson");
  expect(said).toContain("report.html");
}, 120_000);
