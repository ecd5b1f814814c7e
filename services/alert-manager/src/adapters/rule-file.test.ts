import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@weft/runtime/clock";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRules } from "../app/rule-text.ts";
import { readShippedRules, watchRuleFile } from "./rule-file.ts";

let folder = "";
let seen = Promise.withResolvers<string>();
let errors: string[] = [];
let watch: { stop(): void };
const logger: Logger = { ...silentLogger, error: (_, message) => void errors.push(message) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-alert-rules-"));
  errors = [];
  seen = Promise.withResolvers();
});

afterEach(async () => {
  watch.stop();
  await rm(folder, { recursive: true });
});

function begin(path: string, known: string): void {
  watch = watchRuleFile(path, known, { clock: systemClock, logger, everyMs: 2 }, async (text) => {
    seen.resolve(text);
    seen = Promise.withResolvers();
  });
}

describe("a file of rules", () => {
  it("that changes is handed over, also when it is a link that moves", async () => {
    for (const version of ["one", "two"]) await writeFile(join(folder, version), version);
    await symlink("one", join(folder, "rules"));
    begin(join(folder, "rules"), "one");
    const next = seen.promise;
    await symlink("two", join(folder, "new"));
    await rename(join(folder, "new"), join(folder, "rules"));
    expect(await next).toBe("two");
  });

  it("that is away for a while is told once, and is read when it is back", async () => {
    const path = join(folder, "rules");
    begin(path, "one");
    const next = seen.promise;
    while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await writeFile(join(folder, "new"), "two");
    await rename(join(folder, "new"), path);
    expect(await next).toBe("two");
    expect(errors).toEqual(["the rules can't be reloaded; those before stay in force"]);
  });

  it("is shipped with the package, and good", async () => {
    begin(join(folder, "rules"), "");
    expect(readRules("{}", await readShippedRules(), new Set(["default"]))).toMatchObject({ ok: true });
  });
});
