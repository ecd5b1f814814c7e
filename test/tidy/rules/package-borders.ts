import { type House, packageOf } from "../house.ts";
import { importsOf } from "../imports.ts";
import type { Package } from "../package.ts";
import type { Rule } from "../rule.ts";

/**
 * Who may import which package: proto nothing, libs proto and libs, services the same.
 * `weft dev` alone starts other services; the SDK stays light for agent teams.
 */
export const packageBorders: Rule = {
  name: "package-borders",
  check: (house) =>
    house.files.flatMap((file) =>
      importsOf(house, file).flatMap(({ target, specifier, line }) => {
        if (target.kind !== "workspace") return [];
        const instead = refusal(house, file.path, target.package, specifier);
        return instead ? [{ path: file.path, line, problem: `it imports ${specifier}`, instead }] : [];
      }),
    ),
};

const devCommand = /^services\/cli\/src\/dev(?:\.ts$|\.test\.ts$|\/)/;
/** None of them brings in more than gRPC. */
const openToSdk: ReadonlySet<string> = new Set(
  ["grpc", "payload-chunks", "payload-credit"].map((name) => `@weft/runtime/${name}`),
);

/** Why `path` may not import `other`, as the way out; undefined when it may. */
function refusal(house: House, path: string, other: Package, specifier: string): string | undefined {
  const own = packageOf(house, path);
  if (own === other) return "inside a package, import the file by its relative path";
  const floor = floorOf(other);
  switch (floorOf(own)) {
    case "proto":
      return "proto stands below every other package";
    case "libs":
      return floor === "proto" || floor === "libs"
        ? undefined
        : "a lib knows only proto and libs: take it as an argument";
    case "services":
      if (own.name === "@weft/agent-sdk" && floor === "libs" && !openToSdk.has(specifier))
        return `the SDK takes only @weft/proto and ${[...openToSdk].join(", ")}, to stay light for agent teams`;
      if (floor === "services" && devCommand.test(path)) return undefined;
      return floor === "proto" || floor === "libs"
        ? undefined
        : "services meet over gRPC: call it, or move what both need into libs";
    default:
      return undefined;
  }
}

function floorOf(of: Package): string {
  return of.directory.split("/")[0] ?? "";
}
