import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createAlertManager } from "@weft/alert-manager";
import { createOrchestrator, orchestratorDefaults } from "@weft/orchestrator";
import { createRegistry } from "@weft/registry";
import { Metrics } from "@weft/runtime/metrics";
import { expect, it } from "vitest";
import { debianBinary } from "../harness/debian-binaries.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Every metric that a service registers, but for those of the process. */
function registered(): readonly string[] {
  const metrics = new Metrics();
  const address = "127.0.0.1:0";
  const orchestrator = {
    address,
    registryAddress: address,
    dataDirectory: undefined,
    orchestratorId: "docs",
  };
  createOrchestrator({ ...orchestratorDefaults, ...orchestrator }, { metrics });
  createRegistry({ address, leaseMs: 1_000 }, { metrics });
  createAlertManager(
    {
      address,
      orchestratorAddress: address,
      registryAddress: address,
      dataDirectory: undefined,
      rulesFile: undefined,
      judgeEveryMs: 1_000,
      environment: {},
    },
    { metrics },
  );
  return metrics.names();
}

/** By the first column of the tables. */
function documented(): readonly string[] {
  const pages = `${read("docs/reference/metrics.md")}${read("docs/reference/alerts.md")}`;
  return [...pages.matchAll(/^\| `(weft_\w+)` \|/gm)].map(([, name]) => name!);
}

it("the pages on metrics and on alerts have every metric that the services count, and no other", () => {
  expect([...documented()].sort()).toEqual([...registered()].sort());
});

const rules = read("deploy/prometheus/rules.yml");
const dashboards = readdirSync(join(root, "deploy/grafana")).filter((name) => name.endsWith(".json"));

it.each(["deploy/prometheus/rules.yml", ...dashboards.map((name) => `deploy/grafana/${name}`)])(
  "%s asks for nothing that nobody counts",
  (path) => {
    const recorded = new Set([...rules.matchAll(/record: (\S+)/g)].map(([, name]) => name));
    const known = new Set(documented());
    const text = read(path);
    expect(
      [...text.matchAll(/\bweft:\w+:\w+/g)].map(([name]) => name).filter((name) => !recorded.has(name)),
    ).toEqual([]);
    const asked = [...text.matchAll(/\bweft_\w+/g)].map(([name]) =>
      name.replace(/_(?:bucket|sum|count)$/, ""),
    );
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(3);
  },
);

it.each(dashboards)(
  "%s can be imported: an id of its own, a choice of Prometheus, panels that do not overlap",
  (name) => {
    const { uid, title, schemaVersion, templating, panels } = JSON.parse(read(`deploy/grafana/${name}`)) as {
      readonly uid: string;
      readonly title: string;
      readonly schemaVersion: number;
      readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
      readonly panels: readonly {
        readonly id: number;
        readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
      }[];
    };
    expect(`${uid}.json`).toBe(name);
    expect([title.startsWith("Weft: "), schemaVersion]).toEqual([true, 38]);
    expect(templating.list[0]).toMatchObject({ name: "datasource", type: "datasource" });
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  },
);

it.each([
  ["check", "rules", "rules.yml"],
  ["test", "rules", "rules.test.yml"],
  ["test", "rules", "rules.days.test.yml"],
  ["check", "config", "prometheus.yml"],
])("promtool has nothing against it: %s %s %s", (...words) => {
  const run = spawnSync(debianBinary("promtool"), words, {
    cwd: join(root, "deploy/prometheus"),
    encoding: "utf8",
  });
  expect([run.stderr, run.status]).toEqual(["", 0]);
});

it("every alerting rule has a test", () => {
  const tested = ["rules.test.yml", "rules.days.test.yml"]
    .map((name) => read(`deploy/prometheus/${name}`))
    .join("");
  const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name!);
  const untested = alerts.filter((name) => !new RegExp(`alertname: ${name}\\b`).test(tested));
  expect(untested).toEqual([]);
});
