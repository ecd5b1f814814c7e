import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { byText } from "../by-text.ts";
import { inParallel } from "../in-parallel.ts";
import { formatNumber, plural } from "../numbers.ts";
import type { Snapshot, SnapshotFile } from "../snapshot.ts";
import { countProgress, type StepControls } from "../step-controls.ts";
import { type Findings, type Problem, rules, severities } from "./findings.ts";
import { linkTarget } from "./link-target.ts";
import { checkLinks, type LinkWorld, type MarkdownFile } from "./links.ts";
import { markdownAnchors } from "./markdown-anchors.ts";
import { markdownLinks } from "./markdown-links.ts";
import { indexPaths } from "./path-index.ts";
import { checkText } from "./text.ts";
import { checkTree } from "./tree.ts";

/** A larger text file is not read: nobody wrote it by hand. */
export const readBytesMax = 2 * 1024 * 1024;
/** Problems kept; more are counted. */
export const problemsMax = 5_000;

interface TextFiles {
  readonly problems: Problem[];
  readonly markdown: Map<string, MarkdownFile>;
  read: number;
  failed: number;
}

/** Looks for problems in the snapshot's files: in the tree, in each text, and in the links between them. */
export async function check(snapshot: Snapshot, controls: StepControls): Promise<Findings> {
  const paths = indexPaths(
    snapshot.files.map((file) => file.path),
    snapshot.symlinks.map((symlink) => symlink.path),
  );
  const texts = await checkTexts(snapshot, controls);
  const existsOnDisk = (path: string) => exists(join(snapshot.header.root, path));
  const world: LinkWorld = { paths, markdown: texts.markdown, existsOnDisk };
  const linkProblems: Problem[] = [];
  const linked = countProgress(controls, {
    from: 0.9,
    to: 1,
    total: texts.markdown.size,
    message: (done) =>
      `links of ${formatNumber(done)} of ${plural(texts.markdown.size, "Markdown file")} checked`,
  });
  await inParallel([...texts.markdown.values()], controls.signal, async (file) => {
    linkProblems.push(...(await checkLinks(file, world)));
    linked();
  });
  const problems = [...checkTree(snapshot, paths), ...texts.problems, ...linkProblems];
  return {
    ...sortOut(problems),
    checked: {
      textFiles: texts.read,
      markdownFiles: texts.markdown.size,
      links: [...texts.markdown.values()].reduce((sum, file) => sum + file.links.length, 0),
    },
    unchecked: texts.failed,
  };
}

const order: readonly string[] = Object.keys(rules);

/** Orders problems, worst first, counts them all, and keeps as many as fit. */
export function sortOut(problems: readonly Problem[]): Pick<Findings, "problems" | "counts" | "dropped"> {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const each of problems) counts[each.severity] += 1;
  const sorted = [...problems].sort(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      order.indexOf(a.rule) - order.indexOf(b.rule) ||
      byText(a.path ?? "", b.path ?? "") ||
      (a.line ?? 0) - (b.line ?? 0),
  );
  return {
    problems: sorted.slice(0, problemsMax),
    counts,
    dropped: Math.max(0, sorted.length - problemsMax),
  };
}

async function checkTexts(snapshot: Snapshot, controls: StepControls): Promise<TextFiles> {
  const files = snapshot.files.filter((file) => !file.binary);
  const result: TextFiles = { problems: [], markdown: new Map(), read: 0, failed: 0 };
  const done = countProgress(controls, {
    from: 0,
    to: 0.9,
    total: files.length,
    message: (count) => `${formatNumber(count)} of ${plural(files.length, "file")} checked`,
  });
  await inParallel(files, controls.signal, async (file) => {
    const text = await readText(snapshot.header.root, file, controls.signal);
    if (text === null) result.failed += 1;
    else addText(result, file, text);
    done();
  });
  return result;
}

function addText(result: TextFiles, file: SnapshotFile, text: string): void {
  result.read += 1;
  result.problems.push(...checkText(file, text));
  if (file.language !== "Markdown") return;
  result.markdown.set(file.path, {
    path: file.path,
    links: markdownLinks(text).filter((link) => linkTarget(file.path, link.target).kind !== "external"),
    anchors: markdownAnchors(text),
  });
}

async function readText(root: string, file: SnapshotFile, signal: AbortSignal): Promise<string | null> {
  if (file.bytes > readBytesMax) return null;
  try {
    return await readFile(join(root, file.path), { encoding: "utf8", signal });
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
