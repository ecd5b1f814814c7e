import { rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import type { TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import type { WeftDev } from "../harness/weft-dev.ts";
import { ended } from "./executions.ts";
import {
  attributesOf,
  type ExportedSpan,
  exportedSpans,
  exportOf,
  runSiteRelease,
  startFromBackend,
  startSiteAgent,
  startTracedMesh,
} from "./traced-run.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const backendSpan = "b7ad6b7169203331";
const sampled = { traceparent: `00-${traceId}-${backendSpan}-01`, tracestate: "vendor=1" };
const allSteps = ["site.fetch", "site.render", "site.check", "site.assemble", "site.publish"];

const keep = (process: TestProcess): void => onTestFinished(() => process.end());

async function mesh(folder: string): Promise<WeftDev> {
  const dev = await startTracedMesh(folder);
  onTestFinished(() => dev.close());
  return dev;
}

/** A tree of names, children by their start; what failed says why. */
function treeOf(spans: readonly ExportedSpan[], parent: string | undefined, indent = ""): readonly string[] {
  return spans
    .filter(({ parentSpanId }) => (parentSpanId || undefined) === parent)
    .toSorted((one, other) => (one.startTimeUnixNano < other.startTimeUnixNano ? -1 : 1))
    .flatMap((span) => {
      const { service, name, status } = span;
      const why = status.code === 2 ? ` ! ${status.message}` : "";
      const links = (span.links ?? [])
        .map((link) => ` (${String(attributesOf(link)["weft.link"])})`)
        .join("");
      return [`${indent}${service}: ${name}${links}${why}`, ...treeOf(spans, span.spanId, `${indent}  `)];
    });
}

const wholeTree = `
weft-orchestrator: weft.execution site-release
  weft-orchestrator: weft.step fetch
    weft-orchestrator: weft.send site.fetch
      agent site: weft.handler site.fetch
        agent site: read pages
  weft-orchestrator: weft.step render
    weft-orchestrator: weft.send site.render
      agent site: weft.handler site.render
        agent site: render pages
  weft-orchestrator: weft.step check
    weft-orchestrator: weft.send site.check ! UNAVAILABLE: full
    weft-orchestrator: weft.send site.check (failover)
      agent checker: weft.handler site.check
        agent checker: check links
  weft-orchestrator: weft.step assemble
    weft-orchestrator: weft.send site.assemble ! UNAVAILABLE: the disk was busy
      agent site: weft.handler site.assemble ! the disk was busy
        agent site: join pages
    weft-orchestrator: weft.send site.assemble (retry)
      agent site: weft.handler site.assemble
        agent site: join pages
  weft-orchestrator: weft.step publish
    weft-orchestrator: weft.send site.publish
      agent site: weft.handler site.publish
        agent site: upload`
  .split("\n")
  .slice(1);

/** Whichever of the two that start together comes first. */
function sorted(lines: readonly string[]): readonly string[] {
  return lines.toSorted();
}

test("a backend's trace goes through an execution into its handlers, retry and failover included", async () => {
  const folder = temporaryFolder();
  const dev = await mesh(folder);
  const executionId = await runSiteRelease(folder, dev, sampled, keep);
  const execution = await ended(dev, executionId, PayloadForm.DATA);
  expect(execution.status).toBe(ExecutionStatus.SUCCEEDED);

  const spans = await exportOf(folder, executionId);
  expect(sorted(treeOf(spans, backendSpan))).toEqual(sorted(wholeTree));
  expect(spans).toHaveLength(wholeTree.length);
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  expect(new Set(spans.map((span) => span.traceState))).toEqual(new Set(["vendor=1"]));
  expect(new Set(spans.map((span) => span.spanId)).size).toBe(spans.length);

  const sends = spans.filter(({ name }) => name === "weft.send site.check").map(attributesOf);
  expect(sends.map((send) => [send["weft.send"], send["weft.agent.id"], send["weft.outcome"]])).toEqual([
    [1, "full", "failed_over"],
    [2, "checker", "succeeded"],
  ]);
  expect(sends[1]!["weft.waited_ms"]).toBeGreaterThan(0);
  const check = spans.find(({ name }) => name === "weft.step check");
  expect(check?.events?.map(({ name }) => name)).toEqual(["failed_over", "queued"]);

  // The handler was told of the send, by hand as well as through OpenTelemetry.
  const render = spans.find(({ name }) => name === "weft.send site.render")!;
  expect(JSON.parse(Buffer.from(execution.output?.content.value as Uint8Array).toString())).toEqual({
    traceId,
    traceparent: `00-${traceId}-${render.spanId}-01`,
  });
  const { events } = await dev.orchestrator.listEvents({ executionId, pageSize: 1 });
  expect(events[0]?.event.value).toMatchObject(sampled);
}, 60_000);

test("kill -9 in the middle leaves a whole trace; what is exported again is the same, with the same id", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "hold"), "");
  const before = await mesh(folder);
  const executionId = await runSiteRelease(folder, before, sampled, keep);
  await until("the first life to have exported four steps, and the agent to be at the fifth", () => {
    const names = exportedSpans(folder).map(({ name }) => name);
    return names.includes("weft.step assemble") && names.includes("upload");
  });
  before.process.kill("SIGKILL");
  await before.process.ended;
  const exportedBefore = exportedSpans(folder);
  const after = await mesh(folder);
  rmSync(join(folder, "hold"));
  expect((await ended(after, executionId)).status).toBe(ExecutionStatus.SUCCEEDED);

  const exported = await exportOf(folder, executionId);
  const byId = new Map(exported.map((span) => [span.spanId, span]));
  const repeated = exported.filter((span) => byId.get(span.spanId) !== span);
  // At least once: all that this orchestrator's life before had exported came again, word for word.
  const ofOrchestrator = exportedBefore.filter(({ service }) => service === "weft-orchestrator");
  expect(ofOrchestrator.length).toBeGreaterThan(4);
  expect(repeated).toHaveLength(ofOrchestrator.length);
  for (const span of repeated) expect(span).toEqual(byId.get(span.spanId));
  const once = [...byId.values()];
  expect(sorted(treeOf(once, backendSpan))).toEqual(sorted(wholeTree));
}, 60_000);

test("kill -9 right after an end loses no span, and a trace of its own begins where the backend had none", async () => {
  const folder = temporaryFolder();
  const before = await mesh(folder);
  keep(startSiteAgent(folder, "site", allSteps));
  const executionId = await startFromBackend(before, {});
  await ended(before, executionId);
  before.process.kill("SIGKILL");
  await before.process.ended;

  await mesh(folder);
  const exported = await exportOf(folder, executionId);
  const once = [...new Map(exported.map((span) => [span.spanId, span])).values()];
  const tree = treeOf(once, undefined);
  expect(tree).toContain("weft-orchestrator: weft.execution site-release");
  expect(tree.filter((line) => line.includes("weft.step"))).toHaveLength(5);
  expect(tree).toHaveLength(once.length);
}, 60_000);

test("a collector that hangs holds up neither work, nor the file, nor the stop", async () => {
  const hung = createServer(() => {});
  await new Promise<void>((resolve) => hung.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void hung.close());
  const { port } = hung.address() as AddressInfo;
  const folder = temporaryFolder();
  const dev = await startTracedMesh(folder, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  onTestFinished(() => dev.close());
  keep(startSiteAgent(folder, "site", allSteps));
  // Few: each fails once, and five failures in a row would open the step's breaker.
  const ids = await Promise.all(Array.from({ length: 3 }, () => startFromBackend(dev, {})));
  for (const id of ids) {
    expect((await ended(dev, id)).status).toBe(ExecutionStatus.SUCCEEDED);
    expect((await exportOf(folder, id)).length).toBeGreaterThan(10);
  }
  dev.process.kill("SIGINT");
  expect(await dev.process.ended).toBe(0);
  expect(dev.process.output().match(/spans are dropped/g)).toHaveLength(1);
}, 60_000);

test("a backend that does not want its trace recorded is obeyed, in the agent as well", async () => {
  const folder = temporaryFolder();
  const dev = await mesh(folder);
  keep(startSiteAgent(folder, "site", allSteps));
  const unwanted = { traceparent: `00-${traceId}-${backendSpan}-00` };
  const { output } = await ended(dev, await startFromBackend(dev, unwanted), PayloadForm.DATA);
  const told = JSON.parse(Buffer.from(output?.content.value as Uint8Array).toString()) as object;
  expect(told).toEqual({ traceId, traceparent: unwanted.traceparent });

  const wanted = await startFromBackend(dev, {});
  await exportOf(folder, wanted);
  expect(exportedSpans(folder).filter((span) => span.traceId === traceId)).toEqual([]);
}, 60_000);
