import { type House, packageOf } from "../house.ts";
import { importsOf, type Target } from "../imports.ts";
import type { Rule, Violation } from "../rule.ts";
import { isTest } from "../source-file.ts";

/** Clients with a home of their own; every other client has one file in each package that uses it. */
const homes: readonly { readonly client: RegExp; readonly home: RegExp; readonly instead: string }[] = [
  {
    client: /^(?:@grpc\/.+|grpc-health-check)$/,
    home: /^libs\/runtime\/src\/grpc\//,
    instead: "use @weft/runtime/grpc; only libs/runtime/src/grpc/ knows grpc-js",
  },
  {
    client: /^@nats-io\/.+$/,
    home: /^libs\/runtime\/src\/nats\//,
    instead: "use @weft/runtime/nats; only libs/runtime/src/nats/ knows NATS",
  },
  {
    client: /^node:sqlite$/,
    home: /^(?:services\/(?:(?:orchestrator|alert-manager)\/src\/adapters\/(?:store-)?sqlite[^/]*|agent-sdk\/src\/worker\/idempotency-file)|libs\/runtime\/src\/sqlite-folder)\.ts$/,
    instead: "go through the store port; only the sqlite adapters and the SDK's idempotency file know SQLite",
  },
];

/** Vocabulary rather than clients: used wherever it is needed. */
const vocabulary: ReadonlySet<string> = new Set(["@bufbuild/protobuf"]);
const inTests: ReadonlySet<string> = new Set(["vitest", "fast-check"]);
const inExamples: ReadonlySet<string> = new Set(["zod"]);

interface Use {
  readonly path: string;
  readonly line: number;
  readonly client: string;
}

/**
 * Each third-party client is imported in one file, so that it can be replaced there.
 * `test/` is left out: it drives the system from outside, with plain clients on purpose.
 */
export const oneImporter: Rule = {
  name: "one-importer",
  check: (house) => {
    const uses = usesIn(house);
    return [...uses.flatMap(awayFromHome), ...scattered(house, uses)];
  },
};

function usesIn(house: House): readonly Use[] {
  return house.files
    .filter(({ path }) => !path.startsWith("test/"))
    .flatMap((file) =>
      importsOf(house, file).flatMap(({ target, line }) => {
        const client = clientOf(target);
        return client === undefined || isFree(client, file.path) ? [] : [{ path: file.path, line, client }];
      }),
    );
}

function clientOf(target: Target): string | undefined {
  if (target.kind === "third-party") return target.name;
  return target.kind === "builtin" && homeOf(target.name) ? target.name : undefined;
}

function isFree(client: string, path: string): boolean {
  if (vocabulary.has(client)) return true;
  return (inTests.has(client) && isTest(path)) || (inExamples.has(client) && path.startsWith("examples/"));
}

function homeOf(client: string) {
  return homes.find((candidate) => candidate.client.test(client));
}

function awayFromHome({ path, line, client }: Use): readonly Violation[] {
  const at = homeOf(client);
  if (!at || at.home.test(path)) return [];
  return [{ path, line, problem: `it imports ${client}`, instead: at.instead }];
}

function scattered(house: House, uses: readonly Use[]): readonly Violation[] {
  const groups = Map.groupBy(
    uses.filter(({ client }) => !homeOf(client)),
    ({ path, client }) => `${packageOf(house, path).name} ${client}`,
  );
  return [...groups.values()].flatMap((group) => {
    const files = [...new Set(group.map(({ path }) => subjectOf(path)))];
    if (files.length === 1) return [];
    return group.map(({ path, line, client }) => ({
      path,
      line,
      problem: `${client} is imported by ${files.length} files`,
      instead: `wrap it in one of ${files.join(", ")}`,
    }));
  });
}

/** A test counts as the file it stands beside. */
function subjectOf(path: string): string {
  return path.replace(/\.test\.ts$/, ".ts");
}
