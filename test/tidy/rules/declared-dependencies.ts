import { type House, packageOf } from "../house.ts";
import { importsOf, type Target } from "../imports.ts";
import type { Rule } from "../rule.ts";
import { isTest } from "../source-file.ts";

/** A package imports what its own package.json names; what npm happened to hoist is luck. */
export const declaredDependencies: Rule = {
  name: "declared-dependencies",
  check: (house) =>
    house.files.flatMap((file) => {
      const own = packageOf(house, file.path);
      // The root's tests look at the whole workspace and at the tools themselves.
      if (own.directory === "") return [];
      const declared = new Set([...own.dependencies, ...(isTest(file.path) ? testTools(house) : [])]);
      return importsOf(house, file).flatMap(({ target, line }) => {
        const name = importedName(target);
        if (name === undefined || name === own.name || declared.has(name)) return [];
        const problem = `${own.name} does not declare ${name}`;
        return [{ path: file.path, line, problem, instead: `add it to ${own.directory}/package.json` }];
      });
    }),
};

function importedName(target: Target): string | undefined {
  if (target.kind === "third-party") return target.name;
  return target.kind === "workspace" ? target.package.name : undefined;
}

function testTools(house: House): Iterable<string> {
  return house.packages.find(({ directory }) => directory === "")?.devDependencies ?? [];
}
