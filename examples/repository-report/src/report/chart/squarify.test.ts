import { expect, test } from "vitest";
import { type Box, squarify } from "./squarify.ts";

const box: Box = { x: 10, y: 20, width: 600, height: 400 };

test("areas are in proportion to the weights, and fill the box", () => {
  const weights = [6, 6, 4, 3, 2, 2, 1];
  const boxes = squarify(weights, box);
  for (const [index, placed] of boxes.entries()) {
    expect(placed.width * placed.height).toBeCloseTo(((weights[index] ?? 0) / 24) * 600 * 400, 6);
  }
});

test("boxes stay within, and none covers another", () => {
  const weights = Array.from({ length: 40 }, (_, index) => 1000 / (index + 1) ** 2);
  const boxes = squarify(weights, box);
  for (const [index, a] of boxes.entries()) {
    expect(a.x).toBeGreaterThanOrEqual(box.x);
    expect(a.x + a.width).toBeLessThanOrEqual(box.x + box.width + 1e-6);
    expect(a.y + a.height).toBeLessThanOrEqual(box.y + box.height + 1e-6);
    for (const b of boxes.slice(index + 1)) {
      const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
      const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
      expect(Math.min(across, down)).toBeLessThan(1e-6);
    }
  }
});

test("the first of the paper's example is placed as in the paper", () => {
  const [first, second] = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(first).toEqual({ x: 0, y: 0, width: 3, height: 2 });
  expect(second).toEqual({ x: 0, y: 2, width: 3, height: 2 });
});

test("no weights make no boxes, and a box without area makes empty ones", () => {
  expect(squarify([], box)).toEqual([]);
  expect(squarify([1, 1], { ...box, height: 0 })).toEqual([
    { x: 10, y: 20, width: 0, height: 0 },
    { x: 10, y: 20, width: 0, height: 0 },
  ]);
});
