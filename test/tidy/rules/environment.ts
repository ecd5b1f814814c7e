import { memberPath } from "../references.ts";
import type { Rule, Violation } from "../rule.ts";
import { lineAt, type Node, type SourceFile } from "../source-file.ts";

const subject = /^(?:proto|libs|services)\//;

/** process.env is read in config.ts alone, so that one file lists all that an operator can set. */
export const environment: Rule = {
  name: "environment",
  check: (house) =>
    house.files
      .filter(({ path }) => subject.test(path) && !path.endsWith("/config.ts"))
      .flatMap((file) => readsIn(file)),
};

function readsIn(file: SourceFile): readonly Violation[] {
  return file.nodes
    .filter(({ node }) => readsEnvironment(node))
    .map(({ node }) => ({
      path: file.path,
      line: lineAt(file, node.start),
      problem: "it reads process.env",
      instead: "read it in config.ts and pass the value on",
    }));
}

function readsEnvironment(node: Node): boolean {
  if (memberPath(node) === "process.env") return true;
  if (node.type === "VariableDeclarator")
    return node.init?.type === "Identifier" && node.init.name === "process" && takesEnv(node.id);
  if (node.type !== "ImportDeclaration") return false;
  return /^(?:node:)?process$/.test(node.source.value) && node.specifiers.some(importsEnv);
}

function takesEnv(pattern: Node): boolean {
  if (pattern.type !== "ObjectPattern") return false;
  return pattern.properties.some(
    (property) =>
      property.type === "Property" && property.key.type === "Identifier" && property.key.name === "env",
  );
}

function importsEnv(specifier: Node): boolean {
  return (
    specifier.type === "ImportSpecifier" &&
    specifier.imported.type === "Identifier" &&
    specifier.imported.name === "env"
  );
}
