import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "./config.ts";
import { writeDevFile } from "./dev-file.ts";
import { peerOf } from "./target.ts";

/** A project with a `weft dev`, and a folder deep in it. */
function project(folder = ".weft") {
  const top = mkdtempSync(join(tmpdir(), "weft-target-"));
  onTestFinished(() => rmSync(top, { recursive: true }));
  const file = join(top, folder, "dev.json");
  mkdirSync(join(top, folder));
  writeDevFile(file, {
    orchestrator: "127.0.0.1:1111",
    registry: "127.0.0.1:2222",
    token: "dev-token",
    pid: 1,
  });
  const deep = join(top, "src/deep");
  mkdirSync(deep, { recursive: true });
  return { file, deep };
}

describe("where a service is", () => {
  it("is in the nearest dev.json, from the working directory upwards", () => {
    const { file, deep } = project();
    expect(peerOf("orchestrator", {}, readConfig({}), deep)).toEqual({
      service: "orchestrator",
      address: "127.0.0.1:1111",
      token: "dev-token",
      origin: file,
    });
    expect(peerOf("registry", {}, readConfig({}), deep).address).toBe("127.0.0.1:2222");
  });

  it("is in the folder that WEFT_DIR names", () => {
    const { file, deep } = project(".other");
    expect(peerOf("orchestrator", {}, readConfig({ WEFT_DIR: ".other" }), deep).origin).toBe(file);
  });

  it("is in the environment before that, and on the command line before all", () => {
    const { deep } = project();
    const config = readConfig({
      WEFT_ORCHESTRATOR: "env:1",
      WEFT_REGISTRY: "env:2",
      WEFT_TOKEN: "env-token",
    });
    expect(peerOf("orchestrator", {}, config, deep)).toMatchObject({
      address: "env:1",
      token: "env-token",
      origin: "WEFT_ORCHESTRATOR",
    });
    expect(peerOf("registry", { registry: "opt:2", token: "opt-token" }, config, deep)).toMatchObject({
      address: "opt:2",
      token: "opt-token",
      origin: "--registry",
    });
  });

  it("gets the developer's token only if it is the developer's own", () => {
    const { deep } = project();
    expect(peerOf("orchestrator", { address: "elsewhere:1" }, readConfig({}), deep).token).toBeUndefined();
    expect(peerOf("orchestrator", { address: "127.0.0.1:1111" }, readConfig({}), deep).token).toBe(
      "dev-token",
    );
  });

  it("is unknown where nobody says it", () => {
    expect(peerOf("orchestrator", {}, readConfig({}), "/").address).toBeUndefined();
  });

  it("is not looked for in a file that is something else", () => {
    const { file, deep } = project();
    writeFileSync(file, "{}");
    expect(() => peerOf("orchestrator", {}, readConfig({}), deep)).toThrowError(
      /is not what `weft dev` writes/,
    );
  });
});
