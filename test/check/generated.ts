import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { differences, readFolder } from "./folder.ts";

/**
 * Is the contract in order: well formed, generated into proto/gen as it stands, and still understood by
 * those who speak the released one (proto/released.binpb, renewed by `npm run release:proto`)?
 */
const root = join(import.meta.dirname, "../..");
const scratch = await mkdtemp(join(tmpdir(), "weft-proto-"));
try {
  const problems = (await Promise.all([lint(), stale(scratch), breaking(scratch)])).flat();
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function lint(): Promise<readonly string[]> {
  return buf("lint");
}

async function stale(folder: string): Promise<readonly string[]> {
  const problems = await buf("generate", "--output", folder);
  if (problems.length > 0) return problems;
  const [committed, fresh] = await Promise.all([
    readFolder(join(root, "proto/gen")),
    readFolder(join(folder, "proto/gen")),
  ]);
  return differences(committed, fresh).map((problem) => `proto/gen/${problem}; run npm run generate`);
}

async function breaking(folder: string): Promise<readonly string[]> {
  // Image against image: of a workspace with two modules, buf wants two images to compare with.
  const current = join(folder, "current.binpb");
  const problems = await buf("build", "--output", current);
  return problems.length > 0 ? problems : buf("breaking", current, "--against", "proto/released.binpb");
}

/** What buf complains of; nothing when it is content. */
function buf(...options: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve) => {
    execFile("buf", options, { cwd: root }, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`.trim().split("\n");
      resolve(error ? [`buf ${options[0]}: ${error.code}`, ...said] : []);
    });
  });
}
