import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { expect, onTestFinished, test } from "vitest";
import { debianBinary } from "../harness/debian-binaries.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { freePort } from "../harness/free-port.ts";
import { startProcess, startProgram } from "../harness/process.ts";
import { orchestratorService, registryService, testToken } from "../harness/services.ts";
import { until } from "../harness/until.ts";

const prometheusFolder = join(import.meta.dirname, "../../deploy/prometheus");

type Sample = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
};

/** Our rules and configuration, with the targets of this test, read often. */
async function startPrometheus(folder: string, targets: readonly string[]) {
  const config = readFileSync(join(prometheusFolder, "prometheus.yml"), "utf8")
    .replace(/scrape_interval: \S+/, "scrape_interval: 500ms\n  evaluation_interval: 500ms")
    .replace(/targets: \[.*\]/, `targets: ${JSON.stringify(targets)}`);
  writeFileSync(join(folder, "prometheus.yml"), config);
  const rules = readFileSync(join(prometheusFolder, "rules.yml"), "utf8").replaceAll(
    "interval: 30s",
    "interval: 500ms",
  );
  writeFileSync(join(folder, "rules.yml"), rules);
  const address = `127.0.0.1:${await freePort()}`;
  const words = [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, "tsdb")}`,
    `--web.listen-address=${address}`,
  ];
  const process = startProgram(debianBinary("prometheus"), words, { cwd: folder });
  onTestFinished(() => process.end());
  return async (expression: string): Promise<readonly Sample[]> => {
    const query = `http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = await fetch(query).catch(() => undefined);
    if (!answer?.ok) return [];
    const { data } = (await answer.json()) as { readonly data: { readonly result: readonly Sample[] } };
    return data.result;
  };
}

test("a real Prometheus reads the services, and its rules hold what they count", async () => {
  const folder = temporaryFolder();
  const addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`] as const;
  const registry = await registryService({ WEFT_METRICS_ADDRESS: addresses[0] });
  await registry.start();
  const orchestrator = await orchestratorService(folder, registry.address, {
    env: { WEFT_METRICS_ADDRESS: addresses[1] },
  });
  await orchestrator.start();
  const agent = startProcess("test/mesh/agents/recorder.ts", [folder, "agent-1"], {
    cwd: folder,
    env: { WEFT_REGISTRY: registry.address, WEFT_TOKEN: testToken },
  });
  onTestFinished(() => agent.end());
  const ask = await startPrometheus(folder, addresses);

  const document = "workflow: echoed\nversion: 1\nsteps: [{ id: a, capability: test.echo }]";
  const start = async (): Promise<void> => {
    const { executionId } = await orchestrator.client.startExecution({
      workflow: { case: "source", value: { source: { case: "document", value: document } } },
      input: { content: { case: "data", value: Buffer.from("1") } },
    });
    const { execution } = await orchestrator.client.awaitExecution({ executionId });
    expect(execution?.status).toBe(ExecutionStatus.SUCCEEDED);
  };
  // A rate needs a first value and a later one.
  await start();
  await until("the first execution to be read", async () => {
    const [sample] = await ask('weft_executions_ended_total{status="succeeded"}');
    return sample?.value[1] === "1";
  });
  await start();
  const [success] = await until("the success rate to be recorded", async () => {
    const samples = await ask('weft:execution_success:ratio5m{workflow="echoed"} > 0');
    return samples.length > 0 && samples;
  });
  expect(success?.value[1]).toBe("1");
  const ready = await ask('weft_registry_agents{state="ready"}');
  expect(ready.map(({ value }) => value[1])).toEqual(["1"]);
  expect(await ask('up{job="weft"} == 1')).toHaveLength(2);
}, 60_000);
