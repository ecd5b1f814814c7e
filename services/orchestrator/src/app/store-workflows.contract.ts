import { describe, expect, it } from "vitest";
import { sampleWorkflow } from "./store-samples.contract.ts";
import type { StoreUnderTest } from "./store-under-test.contract.ts";

export function describeWorkflows(tested: StoreUnderTest): void {
  describe("a workflow", () => {
    it("is created once; the same definition again changes nothing", async () => {
      const row = sampleWorkflow("release", 1);
      expect(await tested.store.putWorkflow(row)).toBe("created");
      expect(await tested.store.putWorkflow({ ...row, createdBy: "bob", createdAtMs: 5 })).toBe("same");
      expect(await tested.store.getWorkflow("default", "release", 1)).toEqual(row);
    });

    it("is never replaced by another definition under the same version", async () => {
      const row = sampleWorkflow("release", 1);
      await tested.store.putWorkflow(row);
      expect(await tested.store.putWorkflow({ ...row, definition: '{"steps":["b"]}' })).toBe("different");
      expect(await tested.store.getWorkflow("default", "release", 1)).toEqual(row);
    });

    it("is found by version, or as the highest", async () => {
      for (const version of [2, 10, 9]) await tested.store.putWorkflow(sampleWorkflow("release", version));
      expect(await tested.store.getWorkflow("default", "release", 9)).toMatchObject({ version: 9 });
      expect(await tested.store.getWorkflow("default", "release")).toMatchObject({ version: 10 });
      expect(await tested.store.getWorkflow("default", "release", 3)).toBeUndefined();
      expect(await tested.store.getWorkflow("default", "nightly")).toBeUndefined();
      expect(await tested.store.getWorkflow("other", "release")).toBeUndefined();
    });

    it("is another one in another namespace", async () => {
      await tested.store.putWorkflow(sampleWorkflow("release", 1));
      const elsewhere = sampleWorkflow("release", 1, { namespace: "other", definition: '"ü"' });
      expect(await tested.store.putWorkflow(elsewhere)).toBe("created");
      expect(await tested.store.getWorkflow("other", "release")).toEqual(elsewhere);
    });

    it("is listed with its highest version, by name, page by page", async () => {
      for (const name of ["c", "a", "d", "b"]) {
        await tested.store.putWorkflow(sampleWorkflow(name, 2));
        await tested.store.putWorkflow(sampleWorkflow(name, 1));
      }
      await tested.store.putWorkflow(sampleWorkflow("b", 11));
      await tested.store.putWorkflow(sampleWorkflow("aa", 1, { namespace: "other" }));
      const names = async (after: string, limit: number) =>
        (await tested.store.listWorkflows("default", after, limit)).map(
          ({ name, version }) => `${name} ${version}`,
        );
      expect(await names("", 3)).toEqual(["a 2", "b 11", "c 2"]);
      expect(await names("c", 3)).toEqual(["d 2"]);
      expect(await names("d", 3)).toEqual([]);
    });

    it("is there after a restart", async () => {
      await tested.store.putWorkflow(sampleWorkflow("release", 1));
      const store = await tested.reopen();
      expect(await store.getWorkflow("default", "release")).toEqual(sampleWorkflow("release", 1));
    });
  });
}
