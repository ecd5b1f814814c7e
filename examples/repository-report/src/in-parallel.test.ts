import { expect, test } from "vitest";
import { inParallel, openFilesMax } from "./in-parallel.ts";

const signal = new AbortController().signal;
const items = Array.from({ length: 100 }, (_, index) => index);

test("does every item once, as many at a time as files may be open", async () => {
  const gate = Promise.withResolvers<void>();
  const done: number[] = [];
  let running = 0;
  const all = inParallel(items, signal, async (item) => {
    running += 1;
    await gate.promise;
    done.push(item);
  });
  expect(running).toBe(openFilesMax);
  gate.resolve();
  await all;
  expect(done.toSorted((a, b) => a - b)).toEqual(items);
});

test("the first error is thrown, and nothing more is started after it", async () => {
  const gate = Promise.withResolvers<void>();
  let started = 0;
  const all = inParallel(items, signal, async (item) => {
    started += 1;
    if (item === 3) throw new Error("third");
    await gate.promise;
  });
  gate.resolve();
  await expect(all).rejects.toThrow("third");
  expect(started).toBe(openFilesMax);
});

test("an abort stops it with its reason", async () => {
  const abort = new AbortController();
  let started = 0;
  const all = inParallel(items, abort.signal, async () => {
    started += 1;
    abort.abort(new Error("cancelled"));
  });
  await expect(all).rejects.toThrow("cancelled");
  expect(started).toBe(1);
});
