import { type House, packageOf } from "../house.ts";
import { type Import, importsOf } from "../imports.ts";
import type { Rule } from "../rule.ts";
import { isFixture } from "../source-file.ts";

/**
 * A package is entered through its `exports`, by its name: no path leads through the wall. Fixtures are no part of
 * what a package offers, so that the tests at the root go to them directly.
 */
export const packageDoors: Rule = {
  name: "package-doors",
  check: (house) =>
    house.files.flatMap((file) =>
      importsOf(house, file).flatMap((found) => {
        const breach = breachOf(house, file.path, found);
        return breach ? [{ path: file.path, line: found.line, ...breach }] : [];
      }),
    ),
};

function breachOf(house: House, path: string, { target, specifier }: Import) {
  if (target.kind === "workspace" && target.file === undefined) {
    const problem = `${target.package.name} has no entry ${specifier}`;
    return { problem, instead: "import an entry of its package.json exports, or add one there" };
  }
  if (target.kind !== "relative" || isFixtureOfTest(path, target.file)) return undefined;
  const own = packageOf(house, path);
  const leaves = target.file.startsWith("../") || packageOf(house, target.file) !== own;
  return leaves
    ? { problem: `${specifier} leaves ${own.name}`, instead: "import the other package by its name" }
    : undefined;
}

function isFixtureOfTest(path: string, file: string): boolean {
  return path.startsWith("test/") && isFixture(file);
}
