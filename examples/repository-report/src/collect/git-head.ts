import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** What is checked out. */
export interface GitHead {
  /** Null when the commit itself is checked out. */
  readonly branch: string | null;
  readonly commit: string;
}

const commitPattern = /^[0-9a-f]{40,64}$/;

/** The branch and commit of a repository, read without git; null when it has none yet. */
export async function readGitHead(repositoryTop: string): Promise<GitHead | null> {
  const gitFolder = await findGitFolder(repositoryTop);
  const head = await readText(join(gitFolder, "HEAD"));
  if (head === null) return null;
  if (commitPattern.test(head)) return { branch: null, commit: head };
  const ref = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  if (ref === undefined) return null;
  const commit = await readRef(gitFolder, ref);
  return commit === null ? null : { branch: ref.replace(/^refs\/heads\//, ""), commit };
}

/** In a worktree and a submodule, `.git` is a file that names the folder. */
async function findGitFolder(repositoryTop: string): Promise<string> {
  const named = /^gitdir: (.+)$/.exec((await readText(join(repositoryTop, ".git"))) ?? "")?.[1];
  return resolve(repositoryTop, named ?? ".git");
}

async function readRef(gitFolder: string, ref: string): Promise<string | null> {
  const shared = resolve(gitFolder, (await readText(join(gitFolder, "commondir"))) ?? ".");
  const loose = (await readText(join(gitFolder, ref))) ?? (await readText(join(shared, ref)));
  if (loose !== null) return commitPattern.test(loose) ? loose : null;
  const packed = (await readText(join(shared, "packed-refs"))) ?? "";
  const line = packed.split("\n").find((each) => each.endsWith(` ${ref}`));
  const commit = line?.split(" ")[0] ?? "";
  return commitPattern.test(commit) ? commit : null;
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}
