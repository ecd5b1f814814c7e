import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, usageError } from "../command-error.ts";
import { type DevFile, devFilePath, readDevFile, writeDevFile } from "../dev-file.ts";
import { type Holder, releaseLock, takeLock } from "./folder-lock.ts";

/** The data folder of `weft dev`, held by this process. */
export type DataFolder = {
  readonly path: string;
  /** What the last `weft dev` here kept, and the token. */
  readonly kept: DevFile;
  /** Says where to reach the services, for this process and the next. */
  readonly publish: (addresses: Required<Pick<DevFile, "orchestrator" | "registry" | "alerts">>) => void;
  /** Keeps ports and token for the next start. */
  readonly release: () => void;
};

const ownerOnly = 0o700;

/** Takes a folder, making it when it is not there. Throws a `CommandError` when another process holds it. */
export function holdDataFolder(path: string): DataFolder {
  makeFolder(path);
  const file = devFilePath(path);
  const lock = join(path, "dev.lock");
  const holder = takeLock(lock);
  if (holder) throw held(path, holder, readDevFile(file)?.orchestrator);
  let content: DevFile = readDevFile(file) ?? { token: randomBytes(32).toString("base64url") };
  return {
    path,
    kept: content,
    publish: (addresses) => {
      content = { ...content, ...addresses };
      writeDevFile(file, { ...content, pid: process.pid });
    },
    release: () => {
      // Nothing to say before the first start, nor in a folder that was deleted meanwhile.
      if (existsSync(file)) writeDevFile(file, { ...content, pid: undefined });
      releaseLock(lock);
    },
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: ownerOnly });
    // What is in it is of this machine, and secret: it must not be committed by accident.
    writeFileSync(join(path, ".gitignore"), "*\n");
  } catch (error) {
    throw usageError(
      `the data folder ${path} can't be written: ${error instanceof Error ? error.message : String(error)}`,
      "choose another: weft dev --data DIR",
    );
  }
}

function held(path: string, { pid }: Holder, orchestrator: string | undefined): CommandError {
  const where = orchestrator === undefined ? "" : `, orchestrator at ${orchestrator}`;
  return new CommandError(`\`weft dev\` is already running with ${path} (process ${pid}${where})`, [
    "use it as it is: weft agents",
    `stop it: kill ${pid}`,
    "or start another one beside it: weft dev --data OTHER-FOLDER",
  ]);
}
