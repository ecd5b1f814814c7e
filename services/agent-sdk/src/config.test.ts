import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "@weft/runtime/grpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig, type ServeOptions } from "./config.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "weft-config-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const agent = { name: "reviewer", version: "1", slots: 1, capabilities: {}, zone: "code-zone" };
const registry = { WEFT_REGISTRY: "10.0.0.1:7401" };

function read(env: Environment = registry, options: ServeOptions = {}, from = directory) {
  return readConfig(agent, options, env, from);
}

function writeDevFile(content: unknown, folder = join(directory, ".weft")): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "dev.json"), typeof content === "string" ? content : JSON.stringify(content));
}

describe("the registry", () => {
  it("is the option's, then the environment's", () => {
    const env = { ...registry, WEFT_TOKEN: "t" };
    expect(read(env).locate()).toEqual({ registry: "10.0.0.1:7401", token: "t" });
    expect(read(env, { registry: "h:1", token: "o" }).locate()).toEqual({ registry: "h:1", token: "o" });
  });

  it("is that of the nearest dev.json otherwise, from the working directory upwards", () => {
    writeDevFile({ orchestrator: "127.0.0.1:7400", registry: "127.0.0.1:7401", token: "dev" });
    const deep = join(directory, "a", "b");
    mkdirSync(deep, { recursive: true });
    expect(read({}, {}, deep).locate()).toEqual({ registry: "127.0.0.1:7401", token: "dev" });
  });

  it("is found in the folder that WEFT_DIR names, relative or absolute", () => {
    writeDevFile({ registry: "127.0.0.1:1" }, join(directory, "mine"));
    expect(read({ WEFT_DIR: "mine" }).locate().registry).toBe("127.0.0.1:1");
    expect(read({ WEFT_DIR: join(directory, "mine") }, {}, "/").locate().registry).toBe("127.0.0.1:1");
  });

  it("is read anew each time, and the last one stays while the file is gone or half written", () => {
    writeDevFile({ registry: "127.0.0.1:1", token: "a" });
    const { locate } = read({});
    expect(locate()).toEqual({ registry: "127.0.0.1:1", token: "a" });
    writeDevFile({ registry: "127.0.0.1:2", token: "b" });
    expect(locate()).toEqual({ registry: "127.0.0.1:2", token: "b" });
    writeDevFile('{ "registry": "127.0');
    expect(locate()).toEqual({ registry: "127.0.0.1:2", token: "b" });
  });

  it("is missed with exactly what to do", () => {
    expect(() => read({})).toThrow(
      [
        "the agent does not know where the registry is. Do one of these:",
        `  - start \`weft dev\` in ${directory} or a folder above it (no .weft/dev.json was found there)`,
        "  - set WEFT_REGISTRY to its host:port, and WEFT_TOKEN to its token",
        "  - pass both: agent.serve({ registry, token })",
      ].join("\n"),
    );
  });
});

describe("the address", () => {
  it("is a free port on loopback, advertised as bound", () => {
    const { address, advertised } = read();
    expect(address).toBe("127.0.0.1:0");
    expect(advertised(4711)).toBe("127.0.0.1:4711");
  });

  it("beyond loopback needs a token, or explicit insecurity", () => {
    const open = { ...registry, WEFT_AGENT_ADDRESS: "0.0.0.0:7410" };
    expect(() => read(open)).toThrow(
      /WEFT_AGENT_ADDRESS="0.0.0.0:7410": expected a loopback address, or a token/,
    );
    expect(read({ ...open, WEFT_TOKEN: "t" }).address).toBe("0.0.0.0:7410");
    expect(read({ ...open, WEFT_INSECURE: "1" }).address).toBe("0.0.0.0:7410");
    expect(read(open, { insecure: true }).address).toBe("0.0.0.0:7410");
    for (const loopback of ["127.1.2.3:1", "localhost:1", "[::1]:1"])
      expect(read(registry, { address: loopback }).address).toBe(loopback);
  });

  it("is advertised as told, with the bound port unless another is given", () => {
    const advertise = (value: string, options: ServeOptions = {}) =>
      read({ ...registry, WEFT_AGENT_ADVERTISE: value }, options).advertised(4711);
    expect(advertise("10.0.0.7")).toBe("10.0.0.7:4711");
    expect(advertise("10.0.0.7:80")).toBe("10.0.0.7:80");
    expect(advertise("fd00::7")).toBe("[fd00::7]:4711");
    expect(advertise("ignored", { advertise: "host" })).toBe("host:4711");
  });

  it("of every interface is advertised as the host's name", () => {
    const { advertised } = read({ ...registry, WEFT_AGENT_ADDRESS: "0.0.0.0:0", WEFT_TOKEN: "t" });
    expect(advertised(4711)).toBe(`${hostname()}:4711`);
  });
});

describe("the rest", () => {
  it("has defaults", () => {
    const config = read();
    expect(config).toMatchObject({ zone: "code-zone", region: "", drainGraceMs: 25_000, logLevel: "info" });
    expect(config.agentId).toMatch(/^reviewer-[0-9a-f]{8}$/);
    expect(read().agentId).not.toBe(config.agentId);
  });

  it("is read from the environment, and options win", () => {
    const env = {
      ...registry,
      WEFT_AGENT_ID: "r-0",
      WEFT_AGENT_ZONE: "z",
      WEFT_AGENT_REGION: "r",
      WEFT_DRAIN_GRACE: "2m",
      WEFT_LOG_LEVEL: "debug",
    };
    expect(read(env)).toMatchObject({
      agentId: "r-0",
      zone: "z",
      region: "r",
      drainGraceMs: 120_000,
      logLevel: "debug",
    });
    expect(read(env, { agentId: "r-1", zone: "y", region: "q", drainGraceMs: 5 })).toMatchObject({
      agentId: "r-1",
      zone: "y",
      region: "q",
      drainGraceMs: 5,
    });
  });

  it("is refused with every mistake at once", () => {
    const env = {
      WEFT_REGISTRY: "nowhere",
      WEFT_AGENT_ADDRESS: "x",
      WEFT_AGENT_ADVERTISE: "a b",
      WEFT_DRAIN_GRACE: "soon",
    };
    let message = "";
    try {
      read(env);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const name of Object.keys(env)) expect(message).toContain(name);
    expect(message.split("\n")).toHaveLength(4);
  });
});

describe("the idempotency store", () => {
  it("is none, unless a file is named", () => {
    expect(read().idempotencyStore).toBeUndefined();
    const kept = read({ ...registry, WEFT_AGENT_IDEMPOTENCY_STORE: "/data/successes.db" }).idempotencyStore;
    const bounds = { countMax: 10_000, bytesMax: 67_108_864, ageMsMax: 86_400_000 };
    expect(kept).toEqual({ file: "/data/successes.db", bounds });
  });

  it("has the option's file and bounds", () => {
    const env = { ...registry, WEFT_AGENT_IDEMPOTENCY_STORE: "/data/other.db" };
    const kept = read(env, { idempotencyStore: { file: "mine.db", successesMax: 5, keptMs: 60_000 } });
    const { file, bounds } = kept.idempotencyStore!;
    expect([file, bounds.countMax, bounds.ageMsMax]).toEqual(["mine.db", 5, 60_000]);
  });

  it.each([
    { file: "", successesMax: 1 },
    { file: "a", successesMax: 0 },
    { file: "a", successesMax: 1.5 },
    { file: "a", keptMs: 0 },
    { file: "a", keptMs: Number.NaN },
  ])("is refused as %o", (idempotencyStore) => {
    expect(() => read(registry, { idempotencyStore })).toThrow("idempotencyStore.");
  });
});
