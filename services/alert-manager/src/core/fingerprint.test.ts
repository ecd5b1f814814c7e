import { describe, expect, it } from "vitest";
import { digest, fingerprint } from "./fingerprint.ts";

describe("a fingerprint", () => {
  it("is of the rule and the labels, in whatever order they come", () => {
    const labels = { namespace: "default", workflow: "release" };
    const reversed = { workflow: "release", namespace: "default" };
    expect(fingerprint("late", labels)).toBe(fingerprint("late", reversed));
    expect(fingerprint("late", labels)).not.toBe(fingerprint("stuck", labels));
    expect(fingerprint("late", labels)).not.toBe(fingerprint("late", { ...labels, workflow: "other" }));
  });

  it("does not mistake a part of one label for another", () => {
    expect(fingerprint("r", { a: "b", c: "d" })).not.toBe(fingerprint("r", { a: 'b","c', d: "" }));
  });

  it("is FNV-1a of 64 bits, as published", () => {
    expect(digest("")).toBe("cbf29ce484222325");
    expect(digest("foobar")).toBe("85944171f73967e8");
  });
});
