import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { usageError } from "../command-error.ts";
import type { World } from "../context.ts";

/** What reading a file or standard input takes. */
export type Source = Pick<World, "directory" | "readInput">;

/** A definition as its author wrote it. */
export type DefinitionText = {
  /** As it was given, for messages. */
  readonly file: string;
  readonly text: string;
};

export type WorkflowArgument =
  | { readonly kind: "file"; readonly file: string }
  /** Version 0: the newest. */
  | { readonly kind: "reference"; readonly name: string; readonly version: number };

/** Names have neither dots nor slashes, so `flow.yaml` and `./flow` are files, `flow` and `flow@3` are not. */
export function parseWorkflow(given: string): WorkflowArgument {
  const [, name, version] = /^([a-z0-9-]{1,63})(?:@([1-9]\d{0,8}))?$/.exec(given) ?? [];
  if (name === undefined || given === "-") return { kind: "file", file: given };
  return { kind: "reference", name, version: Number(version ?? 0) };
}

/** Reads a definition; "-" is standard input. */
export async function readDefinition(file: string, world: Source): Promise<DefinitionText> {
  if (file === "-") return { file: "(standard input)", text: await world.readInput() };
  return { file, text: await readText(file, world.directory) };
}

/** A text file, or a usage error that says why not. */
export async function readText(file: string, directory: string): Promise<string> {
  try {
    return await readFile(resolve(directory, file), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    switch (code) {
      case "ENOENT":
        throw usageError(`there is no file ${file}`);
      case "EISDIR":
        throw usageError(`${file} is a folder`, "name the file in it");
      default:
        throw usageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
