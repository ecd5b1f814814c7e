import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { credentials, type GrpcObject, loadPackageDefinition, Metadata } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

const root = join(import.meta.dirname, "../..");

/** Five steps: the second and the third at a time, the third failing over, the fourth failing once. */
export const siteRelease = `
workflow: site-release
version: 1
steps:
  - { id: fetch, capability: site.fetch }
  - { id: render, capability: site.render, dependsOn: [fetch] }
  - { id: check, capability: site.check, dependsOn: [fetch] }
  - id: assemble
    capability: site.assemble
    dependsOn: [render, check]
    retry: { maxAttempts: 3, initialDelay: 50ms, maxDelay: 50ms }
  - { id: publish, capability: site.publish, dependsOn: [assemble] }
output: "\${steps.render.output}"
`;

/** A span of an export, as OTLP JSON has it, with the service that made it. */
export type ExportedSpan = {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events?: readonly SpanEvent[];
  readonly links?: readonly { readonly spanId: string; readonly attributes: readonly Attribute[] }[];
  readonly status: { readonly code?: number; readonly message?: string };
};
type SpanEvent = {
  readonly name: string;
  readonly timeUnixNano: string;
  readonly attributes?: readonly Attribute[];
};
type Attribute = { readonly key: string; readonly value: Readonly<Record<string, Scalar>> };
type Scalar = string | number | boolean;

/** By their plain names and values. */
export function attributesOf({ attributes }: { readonly attributes?: readonly Attribute[] }) {
  return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** All that was exported so far to files in a folder. */
export function exportedSpans(folder: string): readonly ExportedSpan[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("spans-") && name.endsWith(".jsonl"))
    .flatMap((name) => spansOfExport(readFileSync(join(folder, name), "utf8")));
}

/** Lines of OTLP JSON; one that is being written is left out. */
export function spansOfExport(text: string): readonly ExportedSpan[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.flatMap((line) => {
    const { resourceSpans } = JSON.parse(line) as Export;
    return resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const service = String(attributesOf(resource)["service.name"]);
      return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ service, ...span })));
    });
  });
}

type Export = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<ExportedSpan, "service">[] }[];
  }[];
};

/** `weft dev` that exports to a file in its folder. */
export function startTracedMesh(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<WeftDev> {
  return startWeftDev(folder, { WEFT_TRACES_FILE: join(folder, "spans-orchestrator.jsonl"), ...env });
}

export function startSiteAgent(folder: string, id: string, capabilities: readonly string[]): TestProcess {
  return startProcess("test/mesh/agents/traced-site.ts", [folder, id, ...capabilities], { cwd: folder });
}

export function startFullAgent({ file: { registry, token } }: WeftDev, capability: string): TestProcess {
  return startProcess("test/mesh/agents/full-agent.ts", [registry, token, capability]);
}

/** As a backend with OpenTelemetry does, in any language: the trace travels in the call's metadata. */
export async function startFromBackend(
  { file: { orchestrator, token } }: WeftDev,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const includeDirs = [join(root, "proto"), join(root, "proto/third_party")];
  const definition = loadSync("weft/orchestrator/v1/orchestrator.proto", { keepCase: true, includeDirs });
  const weft = loadPackageDefinition(definition)["weft"] as GrpcObject;
  const { OrchestratorService } = (weft["orchestrator"] as GrpcObject)["v1"] as GrpcObject;
  const client = new (OrchestratorService as unknown as Constructor)(
    orchestrator,
    credentials.createInsecure(),
  );
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const startExecution = promisify(client.StartExecution.bind(client));
  try {
    const { execution_id } = await startExecution({ source: { document: siteRelease } }, metadata);
    return execution_id;
  } finally {
    client.close();
  }
}

type Constructor = new (
  address: string,
  credentials: unknown,
) => {
  StartExecution(
    request: unknown,
    metadata: Metadata,
    done: (error: Error | null, answer: { readonly execution_id: string }) => void,
  ): void;
  close(): void;
};

/** Resolves when the execution's own span is there; the batch with it may hold the last of the others. */
export async function exportOf(folder: string, executionId: string): Promise<readonly ExportedSpan[]> {
  return until(`the spans of ${executionId}`, () => {
    if (!existsSync(join(folder, "spans-orchestrator.jsonl"))) return undefined;
    const spans = exportedSpans(folder);
    const root = spans.find(
      (span) => attributesOf(span)["weft.execution.id"] === executionId && isRoot(span),
    );
    return root && spans.filter(({ traceId }) => traceId === root.traceId);
  });
}

function isRoot({ name }: ExportedSpan): boolean {
  return name.startsWith("weft.execution ");
}

/** The whole run of `siteRelease`: a full agent for its third step at first, and one that has room later. */
export async function runSiteRelease(
  folder: string,
  dev: WeftDev,
  headers: Readonly<Record<string, string>>,
  keep: (process: TestProcess) => void,
): Promise<string> {
  keep(startFullAgent(dev, "site.check"));
  keep(startSiteAgent(folder, "site", ["site.fetch", "site.render", "site.assemble", "site.publish"]));
  await until("both agents", async () => (await dev.registry.listAgents({})).agents.length === 2);
  const executionId = await startFromBackend(dev, headers);
  await until("the failover", async () => {
    const { events } = await dev.orchestrator.listEvents({ executionId, pageSize: 1_000 });
    return events.some(({ event }) => event.case === "stepFailedOver");
  });
  keep(startSiteAgent(folder, "checker", ["site.check"]));
  return executionId;
}
