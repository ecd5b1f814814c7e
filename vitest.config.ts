import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{libs,services,examples,test,proto}/**/*.test.ts"],
    globalSetup: ["test/harness/set-up.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
