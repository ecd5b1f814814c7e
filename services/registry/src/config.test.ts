import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { streamLimitDefaults } from "@weft/runtime/nats-config";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

describe("the registry's configuration", () => {
  it("has a default for everything", () => {
    expect(readConfig({})).toEqual({
      registryId: hostname(),
      nats: undefined,
      streamLimits: streamLimitDefaults,
      address: "127.0.0.1:7401",
      token: undefined,
      tls: undefined,
      leaseMs: 10_000,
      preserveMs: 300_000,
      probes: { intervalMs: 5_000, timeoutMs: 2_000, failuresMax: 3, successesMin: 2 },
      logLevel: "info",
    });
  });

  it("is read from the environment", () => {
    const env = { WEFT_REGISTRY_ADDRESS: "[::1]:0", WEFT_REGISTRY_LEASE: "1.5m", WEFT_TOKEN: "secret" };
    expect(readConfig(env)).toMatchObject({ address: "[::1]:0", leaseMs: 90_000, token: "secret" });
  });

  it("turns probes off with an interval of nothing", () => {
    expect(readConfig({ WEFT_REGISTRY_PROBE_INTERVAL: "0s" }).probes).toMatchObject({ intervalMs: 0 });
  });

  it("tells all that is wrong at once", () => {
    const env = { WEFT_REGISTRY_ADDRESS: "0.0.0.0:7401", WEFT_REGISTRY_LEASE: "10", WEFT_LOG_LEVEL: "all" };
    expect(() => readConfig(env)).toThrow(
      [
        'WEFT_REGISTRY_ADDRESS="0.0.0.0:7401": expected a loopback address, or WEFT_TLS_CERT_FILE, WEFT_TLS_KEY_FILE and WEFT_TOKEN set, or WEFT_INSECURE=1',
        'WEFT_REGISTRY_LEASE="10": expected a duration such as 10s, from 1s to 10m',
        'WEFT_LOG_LEVEL="all": expected one of debug, info, warn, error',
      ].join("\n"),
    );
  });

  it("is on the reference page, every variable with its default", () => {
    const page = readFileSync(`${import.meta.dirname}/../../../docs/reference/registry.md`, "utf8");
    const rows = [...page.matchAll(/^\| `(WEFT_REGISTRY_\w+)` \|[^|]+\| `(\w+)` \|/gm)];
    const shown = Object.fromEntries(rows.map(([, variable, value]) => [variable, value]));
    expect(Object.keys(shown)).toHaveLength(6);
    for (const variable in shown) expect(() => readConfig({ [variable]: "bad" })).toThrow(variable);
    expect(readConfig(shown)).toEqual(readConfig({}));
  });
});
