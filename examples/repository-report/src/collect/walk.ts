import type { Dirent } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { inParallel } from "../in-parallel.ts";
import { plural } from "../numbers.ts";
import type { StepControls } from "../step-controls.ts";
import { type IgnoreRules, ignores, rulesAbove, rulesWithin } from "./ignore-rules.ts";

/** One thing found, at a path from the root with `/` between its parts. */
export interface WalkedEntry {
  readonly kind: "file" | "symlink";
  readonly path: string;
  readonly bytes: number;
}

/** What a walk found, in the order of the paths; or why there is nothing to tell. */
export type Walk =
  | {
      readonly kind: "walked";
      readonly entries: readonly WalkedEntry[];
      readonly folders: number;
      /** Files and whole folders left out by .gitignore. */
      readonly ignored: number;
      /** Paths that could not be read, or that are neither file, folder nor symbolic link. */
      readonly unreadable: number;
    }
  | { readonly kind: "too-many-files"; readonly filesMax: number }
  | { readonly kind: "no-folder"; readonly path: string; readonly reason: string };

/** How to walk. */
export interface WalkOptions {
  /** Files and symbolic links; a tree with more is not walked to its end. */
  readonly filesMax: number;
  /** A folder left out wherever it lies: the walker's own output. */
  readonly exclude?: string;
}

/** Never part of what people wrote, whatever .gitignore says. */
const foldersSkipped: ReadonlySet<string> = new Set([".git", ".hg", ".svn", "node_modules"]);

interface Found {
  readonly entries: WalkedEntry[];
  folders: number;
  ignored: number;
  unreadable: number;
}

interface Folder {
  readonly path: string;
  readonly rules: IgnoreRules;
}

/**
 * Walks a tree as git would see it: .gitignore counts at every level, symbolic links are told but not followed,
 * so a loop of them ends nothing.
 */
export async function walk(root: string, options: WalkOptions, controls: StepControls): Promise<Walk> {
  const top = resolve(root);
  const problem = await whyNoFolder(top);
  if (problem !== null) return { kind: "no-folder", path: top, reason: problem };
  const found: Found = { entries: [], folders: 0, ignored: 0, unreadable: 0 };
  const waiting: Folder[] = [{ path: top, rules: await rulesAbove(top) }];
  let furthest = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    controls.signal.throwIfAborted();
    waiting.push(...(await readFolder(top, folder, options, found, controls.signal)));
    if (found.entries.length > options.filesMax) {
      return { kind: "too-many-files", filesMax: options.filesMax };
    }
    // How much is left is unknown: folders read, of those known, and never back.
    furthest = Math.max(furthest, found.folders / (found.folders + waiting.length));
    controls.progress(
      furthest,
      `${plural(found.entries.length, "file")} in ${plural(found.folders, "folder")}`,
    );
  }
  found.entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { kind: "walked", ...found };
}

/** Adds what a folder holds to `found`; gives the folders in it that are still to be read. */
async function readFolder(
  top: string,
  folder: Folder,
  options: WalkOptions,
  found: Found,
  signal: AbortSignal,
): Promise<Folder[]> {
  found.folders += 1;
  const rules = await rulesWithin(folder.rules, folder.path);
  const room = options.filesMax - found.entries.length;
  const { names, folders, ignored, failed } = await listFolder(folder.path, rules, options, room, signal);
  found.ignored += ignored;
  found.unreadable += failed;
  await inParallel(names, signal, async (name) => {
    const entry = await readEntry(top, join(folder.path, name));
    if (entry === null) found.unreadable += 1;
    else found.entries.push(entry);
  });
  return folders.map((name) => ({ path: join(folder.path, name), rules }));
}

interface Listing {
  readonly names: string[];
  readonly folders: string[];
  ignored: number;
  failed: number;
}

/** Reads names one by one, and stops past `room`: one folder may hold millions. */
async function listFolder(
  path: string,
  rules: IgnoreRules,
  options: WalkOptions,
  room: number,
  signal: AbortSignal,
): Promise<Listing> {
  const listing: Listing = { names: [], folders: [], ignored: 0, failed: 0 };
  try {
    for await (const entry of await opendir(path, { bufferSize: 256 })) {
      signal.throwIfAborted();
      list(entry, join(path, entry.name), rules, options, listing);
      if (listing.names.length > room) break;
    }
  } catch {
    signal.throwIfAborted();
    listing.failed += 1;
  }
  return listing;
}

function list(
  entry: Dirent,
  path: string,
  rules: IgnoreRules,
  options: WalkOptions,
  into: { names: string[]; folders: string[]; ignored: number; failed: number },
): void {
  if (foldersSkipped.has(entry.name) || path === options.exclude) return;
  const kind = entry.isDirectory() ? "folder" : "file";
  if (ignores(rules, path, kind)) into.ignored += 1;
  else if (kind === "folder") into.folders.push(entry.name);
  else into.names.push(entry.name);
}

/** A symbolic link is a file to .gitignore, even when it points at a folder. */
async function readEntry(top: string, path: string): Promise<WalkedEntry | null> {
  const found = await lstat(path).catch(() => null);
  const from = path.slice(top.endsWith("/") ? top.length : top.length + 1).replaceAll("\\", "/");
  if (found?.isFile()) return { kind: "file", path: from, bytes: found.size };
  if (found?.isSymbolicLink()) return { kind: "symlink", path: from, bytes: 0 };
  return null;
}

async function whyNoFolder(path: string): Promise<string | null> {
  try {
    const directory = await opendir(path);
    await directory.close();
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}
