import { expect, test } from "vitest";
import { workFolder } from "./work-folder.ts";

test("an execution has one folder, named after it", () => {
  expect(workFolder("/reports", "0-abc").html).toBe("/reports/0-abc/report.html");
  expect(workFolder("/reports", "0-abc")).toMatchObject({ snapshot: "/reports/0-abc/work/snapshot.ndjson" });
});

test.each([[".."], ["../x"], ["a/b"], [""], ["."], ["x".repeat(300)], ["日本"]])(
  "%j stays within the report folder",
  (id) => {
    expect(workFolder("/reports", id).html).toMatch(/^\/reports\/[A-Za-z0-9-]{1,80}\/report\.html$/);
  },
);

test("ids that differ only in what a folder's name can't hold have folders of their own", () => {
  expect(workFolder("/reports", "a/b").html).not.toBe(workFolder("/reports", "a:b").html);
});
