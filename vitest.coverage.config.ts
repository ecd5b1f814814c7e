import { defineConfig } from "vitest/config";

/** Of every core: what its own tests reach, without the shell's. */
const cores = [
  "services/orchestrator/src/core",
  "services/registry/src/core",
  "services/alert-manager/src/core",
  "services/agent-sdk/src/worker/core",
];
/** The stories of alerts run their core through the engine, on a store in memory: facts in, notifications out. */
const stories = "services/alert-manager/src/app/{story-*,rule-text,alert-engine}.test.ts";
const thresholds = { lines: 95, branches: 90 };

export default defineConfig({
  test: {
    include: [...cores.map((core) => `${core}/**/*.test.ts`), stories],
    testTimeout: 120_000,
    coverage: {
      enabled: true,
      provider: "v8",
      include: cores.map((core) => `${core}/**/*.ts`),
      exclude: ["**/*.test.ts", "**/*.fixture.ts"],
      reporter: ["text"],
      thresholds: Object.fromEntries(cores.map((core) => [`${core}/**/*.ts`, thresholds])),
    },
  },
});
