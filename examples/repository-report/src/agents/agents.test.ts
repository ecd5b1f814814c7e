import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCapability } from "@weft/agent-sdk/testing";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolders } from "../testing/temporary-folder.ts";
import { analyst } from "./analyst.ts";
import { collector } from "./collector.ts";
import { reporter } from "./reporter.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

const example = {
  "README.md": "# Example\n\nSee the [guide](docs/guide.md) and [what is gone](docs/gone.md).\n",
  "docs/guide.md": "# Guide\n\n[Back](../README.md#example) ![logo](logo%201.svg)\n",
  "docs/logo 1.svg": "<svg/>\n",
  "src/main.ts": "export const answer = 42;\n",
  "src/<script>alert(1).ts": "export {};\n",
};

/** Runs the steps as the workflow wires them. */
async function runWorkflow(path: string, reportFolder: string, executionId: string) {
  const config = { reportFolder };
  const step = (stepId: string) => ({ executionId, stepId });
  const collected = await runCapability(collector(config), "repo.collect", { path }, step("collect"));
  const { snapshot } = collected.output;
  const [measured, checked] = await Promise.all([
    runCapability(analyst(config), "repo.measure", { snapshot }, step("measure")),
    runCapability(analyst(config), "repo.check", { snapshot }, step("check")),
  ]);
  const { measures } = measured.output;
  const { findings } = checked.output;
  const reported = await runCapability(
    reporter(config),
    "repo.report",
    { snapshot, measures, findings },
    step("report"),
  );
  const notified = await runCapability(reporter(config), "repo.notify", reported.output, step("notify"));
  return { collected, measured, checked, reported, notified };
}

test("the steps make a report of a folder, and tell of it", async () => {
  const root = await temporaryFolder(example);
  const reportFolder = await temporaryFolder();
  const { collected, measured, checked, reported, notified } = await runWorkflow(root, reportFolder, "e1");

  expect(collected.output).toMatchObject({ files: 5, folders: 3 });
  expect(measured.output).toMatchObject({ files: 5, lines: 9, languages: 2 });
  expect(checked.output).toMatchObject({ errors: 1, warnings: 1, notes: 0 });
  expect(reported.output).toEqual({
    html: join(reportFolder, "e1", "report.html"),
    markdown: join(reportFolder, "e1", "report.md"),
    summary: expect.stringContaining("5 files hold 9 lines."),
  });
  const html = await readFile(reported.output.html, "utf8");
  expect(html).toContain("<code>docs/<wbr>gone.md</code> does not exist");
  expect(html).not.toContain("<script");
  const lines = (await readFile(notified.output.notifications, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { key: "e1/notify", execution: "e1", ...reported.output },
  ]);
});

test("every step may run again: the same files, and one notification", async () => {
  const root = await temporaryFolder(example);
  const reportFolder = await temporaryFolder();
  const first = await runWorkflow(root, reportFolder, "e1");
  const before = await readdir(reportFolder, { recursive: true });
  const second = await runWorkflow(root, reportFolder, "e1");
  expect(second.notified.output).toEqual(first.notified.output);
  expect(second.reported.output).toEqual(first.reported.output);
  expect(await readdir(reportFolder, { recursive: true })).toEqual(before);
  const notifications = await readFile(join(reportFolder, "notifications.ndjson"), "utf8");
  expect(notifications.trim().split("\n")).toHaveLength(1);
});

test("executions don't share files, and each has its line", async () => {
  const root = await temporaryFolder(example);
  const reportFolder = await temporaryFolder();
  const runs = await Promise.all(["e1", "e2"].map((id) => runWorkflow(root, reportFolder, id)));
  expect(new Set(runs.map((run) => run.reported.output.html)).size).toBe(2);
  const notifications = await readFile(join(reportFolder, "notifications.ndjson"), "utf8");
  expect(notifications.trim().split("\n")).toHaveLength(2);
});

test("an empty folder has a report too", async () => {
  const { reported } = await runWorkflow(await temporaryFolder(), await temporaryFolder(), "e1");
  expect(reported.output.summary).toBe("There are no files here. The checks found 2 warnings.");
  expect(await readFile(reported.output.html, "utf8")).not.toMatch(/NaN|undefined/);
  expect(await readFile(reported.output.markdown, "utf8")).toContain("There are no files here.");
});

test("every step tells how far it is, up to its end", async () => {
  const { notified: _, ...steps } = await runWorkflow(
    await temporaryFolder(example),
    await temporaryFolder(),
    "e1",
  );
  for (const { progress } of Object.values(steps)) {
    const fractions = progress.map((each) => each.fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeGreaterThanOrEqual(0.95);
  }
});

test("a path that is no folder fails the step as NOT_FOUND", async () => {
  const reportFolder = await temporaryFolder();
  const run = runCapability(collector({ reportFolder }), "repo.collect", { path: "/no/such/folder" });
  await expect(run).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "/no/such/folder does not exist",
  });
});

test("a snapshot that is not there, or is none, fails the step with what to look at", async () => {
  const reportFolder = await temporaryFolder({ "other.txt": "what?\n" });
  const agent = analyst({ reportFolder });
  await expect(runCapability(agent, "repo.check", { snapshot: "/gone" })).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("REPORT_FOLDER"),
  });
  const snapshot = join(reportFolder, "other.txt");
  await expect(runCapability(agent, "repo.measure", { snapshot })).rejects.toMatchObject({
    code: "DATA_LOSS",
    message: expect.stringContaining("line 1"),
  });
});

test("a cancelled step stops as such", async () => {
  const reportFolder = await temporaryFolder();
  const run = runCapability(
    collector({ reportFolder }),
    "repo.collect",
    { path: await temporaryFolder(example) },
    { signal: AbortSignal.abort() },
  );
  await expect(run).rejects.toMatchObject({ code: "CANCELLED" });
});
