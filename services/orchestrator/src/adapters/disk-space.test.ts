import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freeBytes } from "./disk-space.ts";

describe("the free room on a disk", () => {
  it("is told in bytes", async () => {
    expect(await freeBytes(tmpdir())).toBeGreaterThan(1024 * 1024);
  });

  it("is not known for a folder that is not there", async () => {
    await expect(freeBytes(join(tmpdir(), "weft-is-not-there"))).rejects.toThrow(/ENOENT/);
  });
});
