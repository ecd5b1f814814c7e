import { beforeEach, describe, expect, it } from "vitest";
import { DispatchDesk } from "./dispatcher.fixture.ts";
import type { HandSession } from "./hand-agents.fixture.ts";

let desk: DispatchDesk;
let x: HandSession;

beforeEach(() => {
  desk = new DispatchDesk();
  desk.dispatcher.start();
  x = desk.agents.appear("x");
});

/** Has x refuse as many sends; how many of them may go elsewhere at once. */
function refuse(times: number): number {
  desk.heard.length = 0;
  for (let time = 0; time < times; time++) x.reject(desk.send(`r${time}`), "FULL");
  return desk.heard.filter((line) => !line.endsWith("over budget")).length;
}

describe("the failovers that go at once", () => {
  it("are as many as were saved, then one a second", () => {
    expect(refuse(200)).toBe(100);
    desk.clock.advance(3_000);
    expect(refuse(20)).toBe(3);
  });

  it("are a fifth of what completes, well or not", () => {
    refuse(100);
    for (let call = 0; call < 10; call++) x.succeed(desk.send(`s${call}`));
    for (let call = 0; call < 5; call++) x.fail(desk.send(`f${call}`), "NOT_FOUND");
    expect(refuse(20)).toBe(3);
  });
});
