import { describe, expect, it } from "vitest";
import { entryFile, parsePackage } from "./package.ts";

function pack(exports: Readonly<Record<string, unknown>>) {
  return parsePackage("libs/runtime/package.json", JSON.stringify({ name: "@weft/runtime", exports }));
}

describe("the entries of a package", () => {
  it.each([
    [".", "libs/runtime/src/index.ts"],
    ["./grpc", "libs/runtime/src/grpc/index.ts"],
    ["./clock", "libs/runtime/src/clock.ts"],
    ["./nats/connection", "libs/runtime/src/nats/connection.ts"],
    ["./grpc/server", undefined],
    ["./", undefined],
  ])("resolve %s as Node does, in whatever order they stand", (entry, file) => {
    const entries = Object.entries({
      ".": "./src/index.ts",
      "./grpc": "./src/grpc/index.ts",
      "./*": "./src/*.ts",
      "./grpc/*": null,
    });
    expect(entryFile(pack(Object.fromEntries(entries)), entry)).toBe(file);
    expect(entryFile(pack(Object.fromEntries(entries.toReversed())), entry)).toBe(file);
  });

  it("are plain: a conditional one is an error, not a rule that passes unseen", () => {
    expect(() => pack({ ".": { import: "./src/index.ts" } })).toThrow("conditional");
  });
});
