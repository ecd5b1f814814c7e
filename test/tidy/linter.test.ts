import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Sources with one fault each, by the rule of oxlint that must find it. */
const faults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "import(no-cycle)": {
    "hen.ts": 'import type { Egg } from "./egg.ts";\nexport interface Hen { egg: Egg }\n',
    "egg.ts": 'import type { Hen } from "./hen.ts";\nexport interface Egg { hen: Hen }\n',
  },
  "import(no-default-export)": { "default.ts": "export default 1;\n" },
  "eslint(no-warning-comments)": { "later.ts": "/* Works, TODO: faster */\nexport const slow = 1;\n" },
  "typescript(no-floating-promises)": { "float.ts": "const save = async () => 1;\nsave();\n" },
  "typescript(no-explicit-any)": { "any.ts": "export const order: any = 1;\n" },
};

describe("the linter's configuration", () => {
  let folder = "";
  let found: ReadonlyMap<string, readonly string[]> = new Map();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weft-lint-"));
    for (const name of [".oxlintrc.json", "tsconfig.json"])
      copyFileSync(join(root, name), join(folder, name));
    const good = { "vite.config.ts": "export default {};\n", "good.ts": 'export const todo = "// TODO";\n' };
    for (const sources of [...Object.values(faults), good])
      for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text);
    found = lint(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.entries(faults))("has %s", (rule, sources) => {
    expect(found.get(rule)).toEqual(Object.keys(sources).sort());
  });

  it("finds nothing else", () => {
    expect([...found.keys()].sort()).toEqual(Object.keys(faults).sort());
  });
});

function lint(folder: string): ReadonlyMap<string, readonly string[]> {
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const options = ["--type-aware", "--format", "json", "."];
  const { stdout } = spawnSync(process.execPath, [oxlint, ...options], { cwd: folder, encoding: "utf8" });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const files = new Map<string, string[]>();
  for (const { code, filename } of diagnostics)
    files.set(code, [...(files.get(code) ?? []), filename].sort());
  return files;
}
