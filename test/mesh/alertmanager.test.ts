import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { httpSink } from "../../services/alert-manager/src/adapters/http-sink.fixture.ts";
import { debianBinary } from "../harness/debian-binaries.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { freePort } from "../harness/free-port.ts";
import { startProcess } from "../harness/process.ts";
import { registryService, testToken } from "../harness/services.ts";
import { until } from "../harness/until.ts";

type Known = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
};

/** Debian's Prometheus Alertmanager, which posts to a sink what it tells. */
async function startAlertmanager(folder: string) {
  const sink = await httpSink();
  onTestFinished(() => sink.close());
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "alertmanager.yml");
  writeFileSync(
    config,
    `route: { receiver: sink, group_by: [alertname], group_wait: 2s, group_interval: 1s }
receivers: [{ name: sink, webhook_configs: [{ url: "${sink.url}", send_resolved: true }] }]
`,
  );
  const child = spawn(
    debianBinary("prometheus-alertmanager"),
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { stdio: "ignore" },
  );
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  });
  const url = `http://127.0.0.1:${port}`;
  const known = async (): Promise<readonly Known[]> =>
    (await fetch(`${url}/api/v2/alerts`)).json() as Promise<readonly Known[]>;
  await until("Alertmanager to serve", () =>
    known().then(
      () => true,
      () => false,
    ),
  );
  return { url, sink, known };
}

async function startAlerts(folder: string, registry: string, alertmanagers: readonly string[]) {
  const rules = join(folder, "alerts.yaml");
  writeFileSync(
    rules,
    `rules: [{ name: dependency-unreachable, for: 0s, keepFiringFor: 0s, groupBy: [rule] }]
alertmanager: { urls: ${JSON.stringify(alertmanagers)}, labels: { cluster: test } }
`,
  );
  const alerts = startProcess("services/alert-manager/src/main.ts", [], {
    env: {
      WEFT_ALERTS_ADDRESS: "127.0.0.1:0",
      WEFT_ORCHESTRATOR: `127.0.0.1:${await freePort()}`,
      WEFT_REGISTRY: registry,
      WEFT_TOKEN: testToken,
      WEFT_DATA: join(folder, "alerts"),
      WEFT_ALERT_RULES: rules,
      WEFT_ALERT_JUDGE_EVERY: "100ms",
    },
  });
  onTestFinished(() => alerts.end());
  return alerts;
}

describe("a real Alertmanager", () => {
  it("is shown what fires, groups it, and sees it end", async () => {
    const folder = temporaryFolder();
    const { url, sink, known } = await startAlertmanager(join(folder, "am"));
    const registry = await registryService();
    await startAlerts(folder, registry.address, [url]);
    const both = await until("both alerts to be there", async () => {
      const alerts = await known();
      return alerts.length === 2 && alerts;
    });
    const dependencies = both.map(({ labels }) => labels["dependency"]);
    expect(new Set(dependencies)).toEqual(new Set(["orchestrator", "registry"]));
    for (const { labels, annotations, startsAt, endsAt } of both) {
      expect(labels).toMatchObject({
        alertname: "dependency-unreachable",
        severity: "critical",
        cluster: "test",
      });
      expect(annotations["summary"]).toMatch(/can't be reached/);
      expect(annotations["weftFingerprint"]).toMatch(/^[0-9a-f]{16}$/);
      const leftMs = Date.parse(endsAt) - Date.now();
      expect([leftMs > 60_000, leftMs <= 180_000, Date.parse(startsAt) <= Date.now()]).toEqual([
        true,
        true,
        true,
      ]);
    }
    const told = () =>
      sink.received.map(({ body }) => JSON.parse(body) as { alerts: Known[]; status: string });
    const grouped = await until("one notification of both", () =>
      told().find(({ alerts }) => alerts.length === 2),
    );
    expect(grouped).toMatchObject({ status: "firing" });

    await registry.start();
    await until("the registry's alert to be over", async () => {
      const alerts = await known();
      return alerts.length === 1 && alerts[0]?.labels["dependency"] === "orchestrator";
    });
    const ended = await until("its end to be told", () =>
      told()
        .flatMap(({ alerts }) => alerts as readonly (Omit<Known, "status"> & { status: unknown })[])
        .find(({ status }) => status === "resolved"),
    );
    expect(ended.labels["dependency"]).toBe("registry");
  });

  it("is each told, though another member is away", async () => {
    const folder = temporaryFolder();
    const { url, known } = await startAlertmanager(join(folder, "am"));
    const registry = await registryService();
    const away = `http://127.0.0.1:${await freePort()}`;
    const alerts = await startAlerts(folder, registry.address, [away, url]);
    await until("both alerts to be there", async () => (await known()).length === 2);
    expect(alerts.output()).toMatch(/"member":"alertmanager-0".*"an Alertmanager takes no alerts"/);
    expect(alerts.output()).not.toMatch(/"member":"alertmanager-1"/);
  });
});
