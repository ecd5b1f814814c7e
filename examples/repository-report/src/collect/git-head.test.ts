import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolders } from "../testing/temporary-folder.ts";
import { readGitHead } from "./git-head.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

const commit = "0123456789abcdef0123456789abcdef01234567";

test("reads a branch from its own file", async () => {
  const root = await temporaryFolder({
    ".git/HEAD": "ref: refs/heads/feature/a\n",
    ".git/refs/heads/feature/a": `${commit}\n`,
  });
  expect(await readGitHead(root)).toEqual({ branch: "feature/a", commit });
});

test("reads a branch from the packed refs", async () => {
  const other = "f".repeat(40);
  const root = await temporaryFolder({
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/packed-refs": `# pack-refs with: peeled\n${other} refs/heads/not/refs/heads/main\n${commit} refs/heads/main\n`,
  });
  expect(await readGitHead(root)).toEqual({ branch: "main", commit });
});

test("reads a commit that is checked out itself", async () => {
  const root = await temporaryFolder({ ".git/HEAD": `${commit}\n` });
  expect(await readGitHead(root)).toEqual({ branch: null, commit });
});

test("reads a worktree, whose refs are in the repository's folder", async () => {
  const root = await temporaryFolder({
    "tree/.git": "gitdir: ../main/.git/worktrees/tree\n",
    "main/.git/worktrees/tree/HEAD": "ref: refs/heads/side\n",
    "main/.git/worktrees/tree/commondir": "../..\n",
    "main/.git/refs/heads/side": `${commit}\n`,
  });
  expect(await readGitHead(join(root, "tree"))).toEqual({ branch: "side", commit });
});

test("a repository without a commit has no head, nor has a broken one", async () => {
  expect(await readGitHead(await temporaryFolder({ ".git/HEAD": "ref: refs/heads/main\n" }))).toBeNull();
  expect(await readGitHead(await temporaryFolder({ ".git/HEAD": "what?" }))).toBeNull();
  expect(await readGitHead(await temporaryFolder())).toBeNull();
});
