import type { Rule } from "../rule.ts";

const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*$/;
const drawer = /^(?:common|types|misc)$|(?:^|-)(?:utils?|helpers?)(?:-|$)/;

/** A file is named after its one idea, in kebab-case; a drawer has no idea to be named after. */
export const names: Rule = {
  name: "names",
  check: (house) =>
    house.files.flatMap(({ path }) =>
      path.split("/").flatMap((part) => {
        const instead = betterName(part);
        return instead ? [{ path, line: 1, problem: `the name ${part}`, instead }] : [];
      }),
    ),
};

function betterName(part: string): string | undefined {
  if (!kebab.test(part)) return "use kebab-case";
  const [stem = ""] = part.split(".");
  return drawer.test(stem) ? "name it after the idea that it holds, one file for each" : undefined;
}
