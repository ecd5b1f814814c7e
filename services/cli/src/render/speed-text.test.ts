import { expect, it } from "vitest";
import { speedText } from "./speed-text.ts";

it("says how many times slower or quicker than the fleet, and nothing of what chance can do", () => {
  const words = [undefined, 1, 1.09, 0.92, 1.1, 1.44, 0.5, 12.4].map(speedText);
  expect(words).toEqual([
    "–",
    "typical",
    "typical",
    "typical",
    "1.1× slower",
    "1.4× slower",
    "2.0× quicker",
    "12× slower",
  ]);
});
