import { type House, packageOf } from "../house.ts";
import { type Import, importsOf } from "../imports.ts";
import type { Rule, Violation } from "../rule.ts";
import { isTest, type SourceFile } from "../source-file.ts";

const layered = /^services\/(?:orchestrator|registry|alert-manager)\/src\//;

type Room = "core" | "app" | "rpc" | "adapters" | "config" | "metrics" | "service" | "main";

/** What each room may import from its own service: always further in, never sideways from rpc to adapters. */
const inward: Readonly<Record<Room, readonly Room[]>> = {
  core: ["core"],
  metrics: ["core", "metrics"],
  app: ["core", "app", "metrics"],
  rpc: ["core", "app", "rpc", "metrics"],
  adapters: ["core", "app", "adapters", "metrics"],
  config: ["core", "app", "config"],
  service: ["core", "app", "rpc", "adapters", "metrics", "config", "service"],
  main: ["core", "app", "rpc", "adapters", "metrics", "config", "service", "main"],
};

/** Third-party code that is as pure as the core, each with the one file that may import it. */
const pureLibraries: ReadonlyMap<string, string> = new Map(
  ["@bufbuild/cel", "@bufbuild/cel-spec", "@bufbuild/re2", "@bufbuild/protobuf"].map((name) => [
    name,
    "core/cel-library.ts",
  ]),
);

/** Imports point inward: core ← app ← {rpc, adapters} ← service.ts ← main.ts. */
export const layers: Rule = {
  name: "layers",
  check: (house) =>
    house.files.filter(({ path }) => layered.test(path)).flatMap((file) => breachesIn(house, file)),
};

function breachesIn(house: House, file: SourceFile): readonly Violation[] {
  const room = roomOf(file.path);
  if (!room) {
    const instead = "put it into core, app, rpc or adapters, or one of config, metrics, service, main";
    return [{ path: file.path, line: 1, problem: "it stands in no layer", instead }];
  }
  return importsOf(house, file).flatMap((found) => {
    const breach = breachOf(house, file.path, room, found);
    return breach ? [{ path: file.path, line: found.line, ...breach }] : [];
  });
}

function breachOf(
  house: House,
  path: string,
  room: Room,
  { target, specifier }: Import,
): Pick<Violation, "problem" | "instead"> | undefined {
  if (target.kind !== "relative") {
    if (room !== "core" || mayCoreImport(path, target)) return undefined;
    return {
      problem: `core imports ${specifier}`,
      instead: "core knows only core: do it in app, pass plain data in",
    };
  }
  // A file outside the service is the concern of the package rules.
  if (!layered.test(target.file) || packageOf(house, target.file) !== packageOf(house, path))
    return undefined;
  const to = roomOf(target.file);
  if (!to || reachable(path, room).includes(to)) return undefined;
  return { problem: `${room} imports ${to} (${specifier})`, instead: insteadOf(room, to) };
}

function mayCoreImport(path: string, target: Import["target"]): boolean {
  if (target.kind === "third-party" && path.endsWith(`/${pureLibraries.get(target.name)}`)) return true;
  return mayAssert(path, target) || (isTest(path) && target.kind !== "workspace");
}

/** A fixture that checks what a test has in its hands is pure all the same. */
function mayAssert(path: string, target: Import["target"]): boolean {
  return path.endsWith(".fixture.ts") && target.kind === "builtin" && target.name === "node:assert/strict";
}

/** Tests outside core run on the real parts of their service instead of mocks. */
function reachable(path: string, room: Room): readonly Room[] {
  return isTest(path) && room !== "core" ? inward.main : inward[room];
}

function roomOf(path: string): Room | undefined {
  const [name = ""] = path.replace(layered, "").split("/");
  const room = name.replace(/(\.test|\.contract)?\.ts$/, "");
  return room in inward && (name === room) !== isFile.has(room) ? (room as Room) : undefined;
}

const isFile: ReadonlySet<string> = new Set(["config", "metrics", "service", "main"]);

function insteadOf(from: Room, to: Room): string {
  if (from === "rpc" && to === "adapters") return "call app, which reaches the adapter through a port";
  if (from === "adapters" && to === "rpc") return "move what both need into app or core";
  if (to === "config") return "take plain options; service.ts passes them from the config";
  return `imports point inward: take it as a port or an argument, or move what ${from} needs further in`;
}
