import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { layers } from "./layers.ts";

const src = "services/orchestrator/src";

describe("layers", () => {
  it("lets imports point inward", () => {
    const sources = {
      [`${src}/core/decide.ts`]: 'import type { Event } from "./event.ts";',
      [`${src}/app/engine.ts`]:
        'import { decide } from "../core/decide.ts"; import { pick } from "@weft/balancer";',
      [`${src}/rpc/service.ts`]: 'import { engine } from "../app/engine.ts";',
      [`${src}/adapters/store.ts`]: 'import type { Store } from "../app/ports.ts";',
      [`${src}/service.ts`]: 'import "./rpc/service.ts"; import "./adapters/store.ts"; import "./config.ts";',
      [`${src}/main.ts`]: 'import { createOrchestrator } from "./service.ts";',
    };
    expect(breaches(layers, sources)).toEqual([]);
  });

  it.each([
    ["core/decide.ts", "../app/engine.ts", "core imports app (../app/engine.ts)"],
    ["app/engine.ts", "../adapters/store.ts", "app imports adapters (../adapters/store.ts)"],
    ["rpc/service.ts", "../adapters/store.ts", "rpc imports adapters (../adapters/store.ts)"],
    ["adapters/store.ts", "../rpc/mapping.ts", "adapters imports rpc (../rpc/mapping.ts)"],
    ["adapters/store.ts", "../config.ts", "adapters imports config (../config.ts)"],
    ["service.ts", "./main.ts", "service imports main (./main.ts)"],
  ])("refuses that %s imports %s", (from, to, problem) => {
    const sources = { [`${src}/${from}`]: `import { x } from "${to}";` };
    expect(breaches(layers, sources)).toEqual([`${src}/${from}:1 ${problem}`]);
  });

  it.each([
    'import type { Store } from "../app/ports.ts";',
    'export { engine } from "../app/engine.ts";',
    'export const engine = () => import("../app/engine.ts");',
    'export type Engine = import("../app/engine.ts").Engine;',
    'new Worker(new URL("../app/engine.ts", import.meta.url));',
  ])("sees every way to import: %s", (source) => {
    expect(breaches(layers, { [`${src}/core/decide.ts`]: source })).toHaveLength(1);
  });

  it("refuses every package and builtin in core", () => {
    const source =
      'import "node:fs";\nimport "yaml";\nimport "@weft/balancer";\nimport "@weft/proto/weft/x_pb";';
    expect(breaches(layers, { [`${src}/core/plan.ts`]: source })).toEqual([
      `${src}/core/plan.ts:1 core imports node:fs`,
      `${src}/core/plan.ts:2 core imports yaml`,
      `${src}/core/plan.ts:3 core imports @weft/balancer`,
      `${src}/core/plan.ts:4 core imports @weft/proto/weft/x_pb`,
    ]);
  });

  it.each([
    "@bufbuild/cel",
    "@bufbuild/cel-spec/cel/expr/syntax_pb.js",
    "@bufbuild/re2",
    "@bufbuild/protobuf/wkt",
  ])("allows %s in core/cel-library.ts alone", (library) => {
    const source = `import "${library}";`;
    expect(breaches(layers, { [`${src}/core/cel-library.ts`]: source })).toEqual([]);
    expect(breaches(layers, { [`${src}/core/expression.ts`]: source })).toHaveLength(1);
  });

  it("lets a fixture of core assert, and nothing more", () => {
    const source = 'import assert from "node:assert/strict";';
    expect(breaches(layers, { [`${src}/core/run.fixture.ts`]: source })).toEqual([]);
    expect(breaches(layers, { [`${src}/core/plan.ts`]: source })).toHaveLength(1);
    expect(breaches(layers, { [`${src}/core/run.fixture.ts`]: 'import "node:fs";' })).toHaveLength(1);
  });

  it("lets tests of the shell use the real adapters, and keeps tests of core in core", () => {
    const source = 'import "vitest"; import { openStore } from "../adapters/store-memory.ts";';
    expect(breaches(layers, { [`${src}/app/engine.test.ts`]: source })).toEqual([]);
    const inCore =
      'import "vitest";\nimport "node:fs";\nimport "../app/engine.ts";\nimport "@weft/balancer";';
    expect(breaches(layers, { [`${src}/core/decide.test.ts`]: inCore })).toEqual([
      `${src}/core/decide.test.ts:3 core imports app (../app/engine.ts)`,
      `${src}/core/decide.test.ts:4 core imports @weft/balancer`,
    ]);
  });

  it("refuses a file that stands in no layer", () => {
    const sources = { [`${src}/domain/order.ts`]: "", [`${src}/boot.ts`]: "", [`${src}/core.ts`]: "" };
    expect(breaches(layers, sources)).toHaveLength(3);
  });

  it("leaves the SDK and the CLI to their own layout", () => {
    const sources = { "services/cli/src/commands/run.ts": 'import "../render/tree.ts";' };
    expect(breaches(layers, sources)).toEqual([]);
  });
});
