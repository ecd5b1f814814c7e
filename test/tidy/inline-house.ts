import { houseFrom } from "./house.ts";
import type { Rule } from "./rule.ts";

/** The packages of a small Weft, so that a test gives only the sources that matter to it. */
const manifests: Readonly<Record<string, object>> = {
  "package.json": { name: "weft", devDependencies: { vitest: "1" } },
  "proto/package.json": { name: "@weft/proto", exports: { "./*": "./gen/*.ts" } },
  "libs/balancer/package.json": { name: "@weft/balancer", exports: { ".": "./src/index.ts" } },
  "libs/runtime/package.json": {
    name: "@weft/runtime",
    exports: { "./grpc": "./src/grpc/index.ts", "./grpc/*": null, "./*": "./src/*.ts" },
    dependencies: { "@grpc/grpc-js": "1", "@weft/proto": "1", opossum: "1" },
  },
  "services/orchestrator/package.json": {
    name: "@weft/orchestrator",
    exports: { ".": "./src/service.ts" },
    dependencies: { "@weft/balancer": "1", "@weft/proto": "1", "@weft/runtime": "1", yaml: "1" },
  },
  "services/registry/package.json": { name: "@weft/registry", exports: { ".": "./src/service.ts" } },
  "services/agent-sdk/package.json": { name: "@weft/agent-sdk", exports: { ".": "./src/index.ts" } },
  "services/cli/package.json": { name: "@weft/cli" },
  "examples/report/package.json": { name: "@weft/example-report" },
};

/** What a rule finds in these sources, manifests among them, as `path:line problem`. */
export function breaches(rule: Rule, sources: Readonly<Record<string, string>>): readonly string[] {
  const texts = new Map<string, string>();
  for (const [path, manifest] of Object.entries(manifests)) texts.set(path, JSON.stringify(manifest));
  for (const [path, text] of Object.entries(sources)) texts.set(path, text);
  return rule.check(houseFrom(texts)).map(({ path, line, problem }) => `${path}:${line} ${problem}`);
}
