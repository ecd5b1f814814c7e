import { type House, packageOf } from "../house.ts";
import { entryFile, type Package } from "../package.ts";
import type { Rule, Violation } from "../rule.ts";
import { isFixture, lineAt, type SourceFile } from "../source-file.ts";

/** An index.ts is the entry of a package, never a barrel inside one, and it lists its exports by name. No fixture is one. */
export const entryFiles: Rule = {
  name: "entry-files",
  check: (house) => [
    ...house.packages.flatMap(fixtureEntries),
    ...house.files.flatMap((file) => [...barrel(house, file), ...starExports(file)]),
  ],
};

function fixtureEntries({ directory, exports }: Package): readonly Violation[] {
  return [...exports]
    .filter(([, target]) => target !== null && isFixture(target))
    .map(([entry]) => ({
      path: `${directory}/package.json`,
      line: 1,
      problem: `the entry ${entry} is a fixture`,
      instead: "import it by its path, from tests alone",
    }));
}

function barrel(house: House, { path }: SourceFile): readonly Violation[] {
  if (!path.endsWith("/index.ts")) return [];
  const own = packageOf(house, path);
  const named = [...own.exports.keys()].some((entry) => entryFile(own, entry) === path);
  if (named) return [];
  const instead = "import the files themselves, or name it in the package.json exports";
  return [{ path, line: 1, problem: "a barrel inside a package", instead }];
}

function starExports(file: SourceFile): readonly Violation[] {
  return file.nodes
    .filter(({ node }) => node.type === "ExportAllDeclaration")
    .map(({ node }) => ({
      path: file.path,
      line: lineAt(file, node.start),
      problem: "export *",
      instead: "list the exports by name",
    }));
}
