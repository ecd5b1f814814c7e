import { lstat, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { findRepositoryTop } from "./repository-top.ts";

/**
 * The .gitignore rules in force in a folder: its own, then those of every folder above, up to the repository.
 * All of them are one list in which the last match wins, each pattern anchored to where its file stands; that
 * is what lets a deeper file take back what a higher one ignores.
 */
export interface IgnoreRules {
  readonly list: Ignore;
  /** The folder that the list's paths are relative to. */
  readonly top: string;
}

/** A longer .gitignore is a mistake, and is not read. */
const ignoreFileBytesMax = 1024 * 1024;

/** The rules that hold at the root of a walk, from the repository it lies in. */
export async function rulesAbove(root: string): Promise<IgnoreRules> {
  const none: IgnoreRules = { list: newList(), top: root };
  const top = await findRepositoryTop(root);
  if (top === null) return none;
  const exclude = await readIgnoreFile(join(top, ".git", "info", "exclude"));
  let rules = extend({ list: newList(), top }, top, exclude);
  for (const folder of foldersBetween(top, root)) rules = await rulesWithin(rules, folder);
  // Who asks for an ignored folder wants it read: its own rules still hold, those above do not.
  return root !== top && ignores(rules, root, "folder") ? none : rules;
}

/** The rules in a folder: those from above, and its own .gitignore. */
export async function rulesWithin(rules: IgnoreRules, folder: string): Promise<IgnoreRules> {
  return extend(rules, folder, await readIgnoreFile(join(folder, ".gitignore")));
}

/** Whether the rules leave out this path. Its folder must have been asked before, and not be ignored. */
export function ignores(rules: IgnoreRules, path: string, kind: "file" | "folder"): boolean {
  const tested = slashed(relative(rules.top, path));
  return rules.list.test(kind === "folder" ? `${tested}/` : tested).ignored;
}

function extend(rules: IgnoreRules, folder: string, text: string | null): IgnoreRules {
  if (text === null) return rules;
  const prefix = escapePattern(slashed(relative(rules.top, folder)));
  const patterns = text.split(/\r?\n/).flatMap((line) => anchor(line, prefix));
  return { ...rules, list: newList().add(rules.list).add(patterns) };
}

/** One line of the .gitignore in the folder `prefix`, as a pattern from the top: anchored, or at any depth below. */
function anchor(line: string, prefix: string): string[] {
  const pattern = line.replace(/(?<!\\) +$/, "");
  if (pattern === "" || pattern.startsWith("#")) return [];
  const negated = pattern.startsWith("!");
  const body = negated ? pattern.slice(1) : pattern;
  if (body === "" || body === "/") return [];
  const slash = body.indexOf("/");
  const placed = slash !== -1 && slash < body.length - 1;
  const from = prefix === "" ? "" : `/${prefix}`;
  return [`${negated ? "!" : ""}${from}/${placed ? body.replace(/^\//, "") : `**/${body}`}`];
}

async function readIgnoreFile(path: string): Promise<string | null> {
  try {
    const found = await lstat(path);
    // git does not follow a .gitignore that is a symbolic link, either.
    if (!found.isFile() || found.size > ignoreFileBytesMax) return null;
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch {
    return null;
  }
}

function newList(): Ignore {
  return ignore({ ignorecase: false });
}

/** From `top` down to the folder above `root`; none when they are the same. */
function foldersBetween(top: string, root: string): string[] {
  const folders: string[] = [];
  for (let at = root; at !== top; at = dirname(at)) folders.unshift(dirname(at));
  return folders;
}

function escapePattern(path: string): string {
  return path.replace(/[\\*?[\]]/g, "\\$&");
}

function slashed(path: string): string {
  return sep === "/" ? path : path.split(sep).join("/");
}
