import { type Package, parsePackage } from "./package.ts";
import { parseSource, type SourceFile } from "./source-file.ts";

/** Everything that the rules look at: the sources and the packages they live in. */
export interface House {
  readonly files: readonly SourceFile[];
  readonly packages: readonly Package[];
}

/** Builds the house from texts by path: `.ts` sources and `package.json` files. */
export function houseFrom(texts: ReadonlyMap<string, string>): House {
  const files: SourceFile[] = [];
  const packages: Package[] = [];
  for (const [path, text] of texts) {
    if (path.endsWith(".ts")) files.push(parseSource(path, text));
    else packages.push(parsePackage(path, text));
  }
  return { files, packages };
}

/** The package that a file belongs to: the nearest one above it. */
export function packageOf(house: House, path: string): Package {
  let nearest: Package | undefined;
  for (const candidate of house.packages) {
    const inside = candidate.directory === "" || path.startsWith(`${candidate.directory}/`);
    if (inside && candidate.directory.length >= (nearest?.directory.length ?? 0)) nearest = candidate;
  }
  if (!nearest) throw new Error(`${path} belongs to no package`);
  return nearest;
}
