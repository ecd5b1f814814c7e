import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const workspace = "@weft";

/** A copy of what git tracks or would track, in a temporary folder, which shares what npm has installed. */
export function copyTree(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), "weft-mutants-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const path of listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  linkModules(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** The packages of the workspace are linked relatively, so that those of the copy are the copy's own. */
function linkModules(from: string, to: string): void {
  mkdirSync(join(to, workspace), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== workspace && !name.startsWith(".vite")) symlinkSync(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(from, workspace)))
    symlinkSync(readlinkSync(join(from, workspace, name)), join(to, workspace, name));
}
