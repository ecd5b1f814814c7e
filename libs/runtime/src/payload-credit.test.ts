import fc from "fast-check";
import { expect, it } from "vitest";
import { Allowance, creditWindowBytes, Window } from "./payload-credit.ts";

it("lets a side send what it was granted, and never a part of what does not fit", () => {
  const allowance = new Allowance(true);
  expect(allowance.take(1)).toBe(false);
  allowance.grant(10);
  expect([allowance.take(6), allowance.take(5), allowance.take(4), allowance.take(1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

it("lets a side send anything when credit was not agreed on", () => {
  expect(new Allowance(false).take(Number.MAX_SAFE_INTEGER)).toBe(true);
});

it("grants the window to begin with, and then what has come, a quarter of the window at a time", () => {
  const window = new Window();
  expect([window.grant(), window.grant()]).toEqual([creditWindowBytes, 0]);
  expect([window.receive(creditWindowBytes / 4 - 1), window.grant()]).toEqual([true, 0]);
  expect([window.receive(1), window.grant()]).toEqual([true, creditWindowBytes / 4]);
});

it("notices a byte more than was granted", () => {
  const window = new Window();
  window.grant();
  expect([window.receive(creditWindowBytes), window.receive(1)]).toEqual([true, false]);
});

it("never has more on the way than the window, and never stops for ever, whatever is sent", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 64 * 1024 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(sizes, (bytes) => {
      const [allowance, window] = [new Allowance(true), new Window()];
      const arriving: number[] = [];
      let onTheWay = 0;
      allowance.grant(window.grant());
      for (const size of bytes) {
        // Only when the credit is gone does the other side read.
        while (!allowance.take(size)) {
          const received = arriving.shift();
          if (received === undefined) throw new Error("nothing is on the way, and there is no credit");
          onTheWay -= received;
          expect(window.receive(received)).toBe(true);
          allowance.grant(window.grant());
        }
        arriving.push(size);
        onTheWay += size;
        expect(onTheWay).toBeLessThanOrEqual(creditWindowBytes);
      }
    }),
  );
});
