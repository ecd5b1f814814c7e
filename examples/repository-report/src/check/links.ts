import { type Problem, quoted, type Rule, type Severity } from "./findings.ts";
import { linkTarget } from "./link-target.ts";
import type { MarkdownLink } from "./markdown-links.ts";
import type { PathIndex } from "./path-index.ts";

/** A Markdown file, as far as its links go. */
export interface MarkdownFile {
  readonly path: string;
  readonly links: readonly MarkdownLink[];
  readonly anchors: ReadonlySet<string>;
}

/** What is there to link to. */
export interface LinkWorld {
  readonly paths: PathIndex;
  /** Markdown files that were read, by path. */
  readonly markdown: ReadonlyMap<string, MarkdownFile>;
  /** Whether a path from the root is on this disk, ignored by git or not. */
  existsOnDisk(path: string): Promise<boolean>;
}

/** Checks every relative link of a Markdown file. */
export async function checkLinks(file: MarkdownFile, world: LinkWorld): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const link of file.links) {
    const problem = await checkLink(file, link, world);
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

async function checkLink(file: MarkdownFile, link: MarkdownLink, world: LinkWorld): Promise<Problem | null> {
  const report = (rule: Rule, severity: Severity, message: string): Problem => ({
    rule,
    severity,
    path: file.path,
    line: link.line,
    message,
  });
  const rule = link.kind === "image" ? "broken-image" : "broken-link";
  const target = linkTarget(file.path, link.target);
  switch (target.kind) {
    case "external":
      return null;
    case "malformed":
      return report(rule, "error", `${quoted(link.target)} has a broken % escape`);
    case "outside":
      // On a forge, ../../issues is a page. Within a larger checkout, it may be a file.
      return (await world.existsOnDisk(target.path))
        ? null
        : report("outside-target", "note", `${quoted(link.target)} is not part of this`);
    case "inside":
      return checkInside(file, link, target.path ?? file.path, target.anchor, world, report);
  }
}

async function checkInside(
  file: MarkdownFile,
  link: MarkdownLink,
  path: string,
  anchor: string | null,
  world: LinkWorld,
  report: (rule: Rule, severity: Severity, message: string) => Problem,
): Promise<Problem | null> {
  if (world.paths.has(path)) {
    if (anchor === null || hasAnchor(world.markdown.get(path), anchor)) return null;
    const where = path === file.path ? "this file" : quoted(path);
    return report("broken-anchor", "warning", `no heading in ${where} makes ${quoted(`#${anchor}`)}`);
  }
  if (await world.existsOnDisk(path)) {
    if (world.paths.isBehindSymlink(path)) return null;
    return report("ignored-target", "warning", `${quoted(link.target)} is here, but not in the repository`);
  }
  const rule = link.kind === "image" ? "broken-image" : "broken-link";
  return report(rule, "error", `${quoted(link.target)} does not exist${hint(path, world.paths)}`);
}

/** A file that is not Markdown may have any anchor: lines of code, for one. */
function hasAnchor(file: MarkdownFile | undefined, anchor: string): boolean {
  if (file === undefined) return true;
  const name = anchor.toLowerCase().replace(/^user-content-/, "");
  return name === "top" || file.anchors.has(name);
}

function hint(path: string, paths: PathIndex): string {
  const other = paths.sameButForCase(path);
  if (other !== null) return `; ${quoted(other)} does, which differs by case`;
  return paths.has(`${path}.md`) ? `; ${quoted(`${path}.md`)} does` : "";
}
