import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Client, createChannel } from "@weft/runtime/grpc";
import { freePort } from "../harness/free-port.ts";
import { natsServer } from "../harness/nats-server.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import { percentile } from "./statistics.ts";

const roundsDefault = 120;
/** From an alert's onset to the webhook, 99 of 100. */
const p99MsMax = 5_000;
const betweenStartsMs = 137;
const timeoutMs = 300;

const help = `Measures how long it takes from the onset of an alert until a webhook has it.

  npm run -s bench:alerts   (about 1 minute)

Real processes: nats-server, registry, orchestrator, alert manager, and a webhook. Executions of workflows of their own
fail one by one, which burns their error budget; the clock runs from the time of that event in the log to the arrival
of the webhook. Once with
NATS, and once without: nats-server is killed, and the alert manager finds the facts in the log. Rules are looked at
every second, as shipped; \`for\` and \`grouping.wait\` are 0, because both are waits that one asks for. Exits with 1
when the 99th percentile of either is above ${p99MsMax} ms, or an alert is missing.

  --alerts N   of each (${roundsDefault})
  --help       print this
`;

await runLimitBench({ help, option: { name: "alerts", default: roundsDefault }, measure });

async function measure(folder: string, count: number): Promise<boolean> {
  const arrivals = await receiveWebhooks();
  const nats = await natsServer(folder);
  await nats.start();
  const mesh = await startMesh(folder, nats.url, arrivals.url);
  try {
    const withNats = await latencies("bus", count, mesh.orchestrator, arrivals.at);
    progress(`${count} alerts with NATS`);
    await nats.kill();
    await until("the alert manager to miss NATS", () => /the event bus is silent/.test(mesh.alerts.output()));
    const without = await latencies("log", count, mesh.orchestrator, arrivals.at);
    progress(`${count} alerts without NATS`);
    const areQuick = [told("with NATS", withNats), told("without NATS", without)];
    return areQuick.every(Boolean);
  } finally {
    await mesh.end();
    await nats.kill();
    arrivals.close();
  }
}

/** When the first webhook about each workflow arrived. */
async function receiveWebhooks() {
  const at = new Map<string, number>();
  const server = createServer((request, response) => {
    const arrivedMs = Date.now();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { groupLabels } = JSON.parse(Buffer.concat(chunks).toString()) as {
        groupLabels: Readonly<Record<string, string>>;
      };
      const workflow = groupLabels["workflow"] ?? "";
      if (!at.has(workflow)) at.set(workflow, arrivedMs);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    at,
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function startMesh(folder: string, natsUrl: string, webhook: string) {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const [registry, orchestrator, alerts] = ports.map((port) => `127.0.0.1:${port}`) as [
    string,
    string,
    string,
  ];
  const rules = join(folder, "alerts.yaml");
  writeFileSync(
    rules,
    `grouping: { wait: 0s, interval: 5m }
receivers: [{ name: default, kind: webhook, url: "${webhook}" }]
rules:
  - { name: workflow-error-burn-fast, signal: { minCount: 1 }, groupBy: [workflow] }
  - { name: execution-sla-at-risk, enabled: false }
  - { name: execution-sla-breached, enabled: false }
`,
  );
  const shared = { WEFT_REGISTRY: registry, WEFT_ORCHESTRATOR: orchestrator, WEFT_NATS_URL: natsUrl };
  const start = (service: string, env: Readonly<Record<string, string>>): TestProcess =>
    startProcess(`services/${service}/src/main.ts`, [], { env: { ...shared, ...env } });
  const processes = [
    start("registry", { WEFT_REGISTRY_ADDRESS: registry }),
    start("orchestrator", { WEFT_ORCHESTRATOR_ADDRESS: orchestrator, WEFT_DATA: join(folder, "log") }),
    start("alert-manager", {
      WEFT_ALERTS_ADDRESS: alerts,
      WEFT_DATA: join(folder, "alerts"),
      WEFT_ALERT_RULES: rules,
    }),
  ] as const;
  for (const process of processes)
    await until(
      () => `a service to start; it said: ${process.output()}`,
      () => /"started"/.test(process.output()),
    );
  const channel = createChannel({ address: orchestrator });
  return {
    orchestrator: channel.client(OrchestratorService),
    alerts: processes[2],
    async end() {
      channel.close();
      for (const process of processes) await process.end();
    },
  };
}

/** From the event that an execution has failed to the webhook about it, in milliseconds. */
async function latencies(
  name: string,
  count: number,
  orchestrator: Client<typeof OrchestratorService>,
  arrivals: ReadonlyMap<string, number>,
): Promise<readonly number[]> {
  const onsets: Promise<readonly [string, number]>[] = [];
  for (let number = 0; number < count; number++) {
    onsets.push(timeOut(orchestrator, `${name}-${number}`));
    // Spread over the looks at the rules.
    await pause(betweenStartsMs);
  }
  const known = await Promise.all(onsets);
  const missing = (): readonly string[] =>
    known.map(([workflow]) => workflow).filter((workflow) => !arrivals.has(workflow));
  await until(
    () => `webhooks about ${missing().join(", ")}`,
    () => missing().length === 0,
  );
  return known.map(([workflow, onsetMs]) => (arrivals.get(workflow) ?? Number.NaN) - onsetMs);
}

/** Starts an execution that nobody serves, and waits until its time is over. */
async function timeOut(
  orchestrator: Client<typeof OrchestratorService>,
  workflow: string,
): Promise<readonly [string, number]> {
  const document = `workflow: ${workflow}\nversion: 1\ntimeout: ${timeoutMs}ms\nsteps: [{ id: a, capability: bench.nobody }]\n`;
  const source = { source: { case: "document" as const, value: document } };
  const { executionId } = await orchestrator.startExecution({ workflow: { case: "source", value: source } });
  const { execution } = await orchestrator.awaitExecution({ executionId, wait: durationFromMs(20_000) });
  if (!execution?.endTime) throw new Error(`${workflow} has not ended`);
  return [workflow, timestampMs(execution.endTime)];
}

function told(what: string, latenciesMs: readonly number[]): boolean {
  const [p50, p99] = [percentile(latenciesMs, 50), percentile(latenciesMs, 99)];
  const isMet = p99 <= p99MsMax;
  process.stdout.write(
    `${what}: ${latenciesMs.length} alerts, onset to webhook p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms  ${isMet ? "ok" : "MISSED"}\n`,
  );
  return isMet;
}
