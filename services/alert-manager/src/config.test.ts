import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

describe("the alert manager's configuration", () => {
  it("has a default for everything", () => {
    expect(readConfig({})).toEqual({
      address: "127.0.0.1:7402",
      token: undefined,
      tls: undefined,
      orchestratorAddress: "127.0.0.1:7400",
      registryAddress: "127.0.0.1:7401",
      dataDirectory: "weft-alerts-data",
      rulesFile: undefined,
      nats: undefined,
      judgeEveryMs: 1_000,
      metricsAddress: undefined,
      environment: {},
      logLevel: "info",
    });
  });

  it("is read from the environment", () => {
    const env = {
      WEFT_ALERTS_ADDRESS: "[::1]:0",
      WEFT_ALERT_RULES: "/etc/weft/alerts.yaml",
      WEFT_NATS_URL: "nats://n:4222",
    };
    expect(readConfig(env)).toMatchObject({
      address: "[::1]:0",
      rulesFile: "/etc/weft/alerts.yaml",
      nats: { servers: ["nats://n:4222"] },
      environment: env,
    });
  });

  it("tells all that is wrong at once", () => {
    const env = {
      WEFT_ALERTS_ADDRESS: "0.0.0.0:7402",
      WEFT_ORCHESTRATOR: "here",
      WEFT_ALERT_JUDGE_EVERY: "1ms",
    };
    expect(() => readConfig(env)).toThrow(
      /WEFT_ALERTS_ADDRESS="0.0.0.0:7402": expected a loopback[\s\S]*WEFT_ORCHESTRATOR="here"[\s\S]*WEFT_ALERT_JUDGE_EVERY="1ms"/,
    );
  });

  it("is on the reference page, every variable", () => {
    const page = readFileSync(`${import.meta.dirname}/../../../docs/reference/alerts.md`, "utf8");
    const source = readFileSync(`${import.meta.dirname}/config.ts`, "utf8");
    const variables = [...source.matchAll(/"(WEFT_[A-Z_]+)"/g)].map(([, name]) => name ?? "");
    expect(variables.length).toBeGreaterThan(6);
    for (const name of variables) expect(page).toContain(`\`${name}\``);
  });
});
