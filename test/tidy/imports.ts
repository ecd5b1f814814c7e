import { isBuiltin } from "node:module";
import { posix } from "node:path";
import type { House } from "./house.ts";
import { entryFile, type Package } from "./package.ts";
import { lineAt, type Node, type SourceFile } from "./source-file.ts";

/** Where an import leads. `file` is undefined when the package offers no such entry. */
export type Target =
  | { readonly kind: "relative"; readonly file: string }
  | { readonly kind: "workspace"; readonly package: Package; readonly file: string | undefined }
  | { readonly kind: "third-party"; readonly name: string }
  | { readonly kind: "builtin"; readonly name: string };

/** One import of a file, types included: a file that knows a type knows its module. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly target: Target;
}

/** All imports of a file: static, re-exported, dynamic, of types, and of worker threads. */
export function importsOf(house: House, file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  for (const { node } of file.nodes) {
    const source = sourceOf(node);
    if (source?.type !== "Literal" || typeof source.value !== "string") continue;
    const target = targetOf(house, file.path, source.value);
    found.push({ specifier: source.value, line: lineAt(file, source.start), target });
  }
  return found;
}

function sourceOf(node: Node): Node | null | undefined {
  if (node.type === "NewExpression") return workerSource(node);
  return "source" in node ? node.source : undefined;
}

/** `new Worker(new URL("./x.ts", import.meta.url))` ties two files as an import does. */
function workerSource(node: Extract<Node, { type: "NewExpression" }>): Node | undefined {
  const [url] = node.arguments;
  if (node.callee.type !== "Identifier" || node.callee.name !== "Worker") return undefined;
  return url?.type === "NewExpression" ? url.arguments[0] : undefined;
}

function targetOf(house: House, from: string, specifier: string): Target {
  if (specifier.startsWith("."))
    return { kind: "relative", file: posix.join(posix.dirname(from), specifier) };
  if (isBuiltin(specifier)) return { kind: "builtin", name: `node:${specifier.replace(/^node:/, "")}` };
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const workspace = house.packages.find((candidate) => candidate.name === name);
  if (!workspace) return { kind: "third-party", name };
  return {
    kind: "workspace",
    package: workspace,
    file: entryFile(workspace, `.${specifier.slice(name.length)}`),
  };
}
