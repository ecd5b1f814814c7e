import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const watched = /^(proto|libs|services|examples|test)\/.*\.ts$|(^|\/)package\.json$/;
const generated = /^proto\/gen\//;

/** The texts under the rules: what git tracks or would track, generated code left out. */
export function readWorktree(): ReadonlyMap<string, string> {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const texts = new Map<string, string>();
  for (const path of listed.split("\0").sort()) {
    if (!watched.test(path) || generated.test(path)) continue;
    // Deleted but not yet committed: git still lists it.
    if (existsSync(join(root, path))) texts.set(path, readFileSync(join(root, path), "utf8"));
  }
  return texts;
}
