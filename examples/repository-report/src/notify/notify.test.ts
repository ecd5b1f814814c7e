import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolders } from "../testing/temporary-folder.ts";
import { type Notification, notify } from "./notify.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

const signal = new AbortController().signal;

function notification(key: string): Notification {
  return { key, execution: "e", summary: "all\u2028well\n", html: "/r.html", markdown: "/r.md" };
}

async function keysIn(path: string): Promise<unknown[]> {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line).key);
}

test("adds one line, and makes the file and its folder", async () => {
  const path = join(await temporaryFolder(), "deep", "notifications.ndjson");
  expect(await notify(path, notification("e/notify"), signal)).toBe("added");
  expect(await readFile(path, "utf8")).toBe(`${JSON.stringify(notification("e/notify"))}\n`);
});

test("the same key again adds nothing, another key does", async () => {
  const path = join(await temporaryFolder(), "notifications.ndjson");
  await notify(path, notification("a/notify"), signal);
  await notify(path, notification("b/notify"), signal);
  expect(await notify(path, notification("a/notify"), signal)).toBe("already-there");
  expect(await keysIn(path)).toEqual(["a/notify", "b/notify"]);
});

test("half a line, left by a process that was killed, is neither taken nor written into", async () => {
  const path = join(await temporaryFolder(), "notifications.ndjson");
  await writeFile(path, '{"key":"a/notify","exec');
  expect(await notify(path, notification("a/notify"), signal)).toBe("added");
  await appendFile(path, "");
  const [half, whole, end] = (await readFile(path, "utf8")).split("\n");
  expect([half, end]).toEqual(['{"key":"a/notify","exec', ""]);
  expect(JSON.parse(whole ?? "").key).toBe("a/notify");
});

test("an abort before the line is written leaves the file as it is", async () => {
  const path = join(await temporaryFolder(), "notifications.ndjson");
  await notify(path, notification("a/notify"), signal);
  await expect(
    notify(path, notification("b/notify"), AbortSignal.abort(new Error("cancelled"))),
  ).rejects.toThrow("cancelled");
  expect(await keysIn(path)).toEqual(["a/notify"]);
});
