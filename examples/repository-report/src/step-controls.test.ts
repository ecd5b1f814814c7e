import { expect, test } from "vitest";
import { countProgress } from "./step-controls.ts";
import { recordedControls } from "./testing/recorded-controls.ts";

test("tells each percent of its span once, in order, and its end", () => {
  const controls = recordedControls();
  const count = countProgress(controls, {
    from: 0.5,
    to: 0.6,
    total: 5_000,
    message: (done) => `${done} done`,
  });
  for (let done = 0; done < 5_000; done += 1) count();
  expect(controls.fractions.length).toBeLessThanOrEqual(12);
  expect(controls.fractions).toEqual(controls.fractions.toSorted((a, b) => a - b));
  expect(controls.fractions.at(-1)).toBe(0.6);
  expect(controls.messages.at(-1)).toBe("5000 done");
});
