import { expect, test } from "vitest";
import type { FileKind } from "../collect/languages.ts";
import { checkText } from "./text.ts";

function found(text: string, kind: FileKind = "code"): string[] {
  return checkText({ path: "x", kind }, text).map(
    ({ severity, rule, line }) => `${severity} ${rule} ${line ?? "-"}`,
  );
}

// Written so that this file has none of what it tests for.
const ours = "<".repeat(7);
const middle = "=".repeat(7);
const theirs = ">".repeat(7);
const keyHead = (kind: string) => `${"-".repeat(5)}BEGIN ${kind}${"-".repeat(5)}`;

test("a merge conflict is told at its start, with LF or CRLF", () => {
  const lines = ["a", `${ours} HEAD`, "b", middle, "c", `${theirs} branch`, ""];
  expect(found(lines.join("\n"))).toEqual(["error conflict-marker 2"]);
  expect(found(lines.join("\r\n"))).toEqual(["error conflict-marker 2"]);
});

test("a marker alone is no conflict: one underlines headings, others quote", () => {
  expect(found(`Title\n${middle}\n`)).toEqual([]);
  expect(found(`${ours} HEAD\nb\n`)).toEqual([]);
  expect(found(`${theirs} a\n${middle}\n${ours} b\n`)).toEqual([]);
  expect(found(`${ours} a\n${theirs} b\n`)).toEqual([]);
  expect(found(` ${ours} a\n ${middle}\n ${theirs} b\n`)).toEqual([]);
});

test.each([["PRIVATE KEY"], ["RSA PRIVATE KEY"], ["OPENSSH PRIVATE KEY"], ["PGP PRIVATE KEY BLOCK"]])(
  "a %s is an error",
  (kind) => {
    expect(found(`x\n${keyHead(kind)}\n`, "other")).toEqual(["error private-key 2"]);
    expect(found(`${keyHead(kind)}\n`, "test")).toEqual(["note private-key 1"]);
  },
);

test("a public key is none, nor is a key that code looks for", () => {
  expect(found(keyHead("PUBLIC KEY"))).toEqual([]);
  expect(found(`if (text.startsWith("${keyHead("PRIVATE KEY")}"))`)).toEqual([]);
});

test("line endings of one kind are fine, mixed ones a note, except in generated files", () => {
  expect(found("a\r\nb\r\n")).toEqual([]);
  expect(found("a\nb\nc")).toEqual([]);
  expect(found("a\r\nb\n")).toEqual(["note mixed-line-endings -"]);
  expect(found("a\r\nb\n", "generated")).toEqual([]);
});
