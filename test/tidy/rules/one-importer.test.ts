import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { oneImporter } from "./one-importer.ts";

describe("one importer", () => {
  it("allows one file for each client in each package, and the test beside it", () => {
    const sources = {
      "libs/runtime/src/breaker.ts": 'import Breaker from "opossum";',
      "libs/runtime/src/breaker.test.ts": 'import Breaker from "opossum"; import { it } from "vitest";',
      "services/cli/src/workflow-file.ts":
        'import { parse } from "yaml"; import { stringify } from "yaml/util";',
      "services/orchestrator/src/adapters/workflow-file.ts": 'import { parse } from "yaml";',
    };
    expect(breaches(oneImporter, sources)).toEqual([]);
  });

  it("names every file that imports a client when there are more", () => {
    const sources = {
      "libs/runtime/src/breaker.ts": 'import Breaker from "opossum";',
      "libs/runtime/src/failover.ts": '\nimport type { Status } from "opossum";',
    };
    expect(breaches(oneImporter, sources)).toEqual([
      "libs/runtime/src/breaker.ts:1 opossum is imported by 2 files",
      "libs/runtime/src/failover.ts:2 opossum is imported by 2 files",
    ]);
  });

  it("counts a test tool as a client outside tests", () => {
    const source = 'import { it } from "vitest";';
    const sources = { "services/registry/src/app/a.ts": source, "services/registry/src/app/b.ts": source };
    expect(breaches(oneImporter, sources)).toHaveLength(2);
  });

  it("keeps grpc-js and its companions in libs/runtime/src/grpc", () => {
    const sources = {
      "libs/runtime/src/grpc/server.ts": 'import "@grpc/grpc-js"; import "@grpc/reflection";',
      "libs/runtime/src/grpc/client.ts": 'import "@grpc/grpc-js";',
      "libs/runtime/src/health.ts": 'import "grpc-health-check";',
      "services/agent-sdk/src/serve.ts": 'import "@grpc/grpc-js";',
    };
    expect(breaches(oneImporter, sources)).toEqual([
      "libs/runtime/src/health.ts:1 it imports grpc-health-check",
      "services/agent-sdk/src/serve.ts:1 it imports @grpc/grpc-js",
    ]);
  });

  it("keeps SQLite in the sqlite adapters", () => {
    const adapters = "services/orchestrator/src/adapters";
    const source = 'import { DatabaseSync } from "node:sqlite";';
    const good = { [`${adapters}/store-sqlite.ts`]: source, [`${adapters}/sqlite-worker.ts`]: source };
    expect(breaches(oneImporter, good)).toEqual([]);
    const bad = { [`${adapters}/store.ts`]: source, "services/registry/src/adapters/sqlite.ts": source };
    expect(breaches(oneImporter, bad)).toHaveLength(2);
  });

  it("leaves vocabulary, test tools in tests, zod in examples, and test/ alone", () => {
    const sources = {
      "services/registry/src/rpc/a.ts": 'import { create } from "@bufbuild/protobuf";',
      "services/registry/src/rpc/b.ts":
        'import type { Message } from "@bufbuild/protobuf"; import "node:fs";',
      "services/registry/src/app/store.contract.ts": 'import { it } from "vitest";',
      "services/registry/src/app/a.test.ts": 'import "fast-check"; import { it } from "vitest";',
      "services/registry/src/app/b.test.ts": 'import "fast-check";',
      "examples/report/collect.ts": 'import { z } from "zod";',
      "examples/report/notify.ts": 'import { z } from "zod";',
      "test/bench/raw.ts": 'import "@grpc/grpc-js";',
    };
    expect(breaches(oneImporter, sources)).toEqual([]);
  });
});
