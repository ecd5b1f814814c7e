import { describe, expect, it } from "vitest";
import { hotSpots } from "./hot-spots.ts";

const frame = (id: number, functionName: string, url = "", lineNumber = -1) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

const profile = {
  nodes: [
    frame(1, "(idle)"),
    frame(2, "evolve", "file:///home/me/weft/services/orchestrator/src/core/evolve.ts", 9),
    frame(3, "evolve", "file:///home/me/weft/services/orchestrator/src/core/evolve.ts", 9),
    frame(4, "", "file:///home/me/weft/services/orchestrator/src/core/evolve.ts", 20),
    frame(5, "sendMessage", "file:///home/me/weft/node_modules/@grpc/grpc-js/build/src/call.js", 99),
    frame(6, "(garbage collector)"),
    frame(7, "post", "node:inspector", 114),
  ],
  samples: [7, 1, 2, 3, 4, 5, 6, 1],
  timeDeltas: [8_000, 9_000, 2_000, 3_000, 1_000, 3_000, 1_000, 1_000],
};

describe("hot spots", () => {
  const { busyMs, idleMs, functions, files } = hotSpots(profile);

  it("leave idle time and the profiler's own out of the shares", () => {
    expect({ busyMs, idleMs }).toEqual({ busyMs: 10, idleMs: 10 });
  });

  it("sum a function over all stacks that it tops", () => {
    expect(functions).toEqual([
      { name: "evolve  services/orchestrator/src/core/evolve.ts:10", share: 0.5 },
      { name: "sendMessage  @grpc/grpc-js/build/src/call.js:100", share: 0.3 },
      { name: "(anonymous)  services/orchestrator/src/core/evolve.ts:21", share: 0.1 },
      { name: "(garbage collector)  (native)", share: 0.1 },
    ]);
  });

  it("sum files", () => {
    expect(files.map(({ name, share }) => [name, share])).toEqual([
      ["services/orchestrator/src/core/evolve.ts", 0.6],
      ["@grpc/grpc-js/build/src/call.js", 0.3],
      ["(native)", 0.1],
    ]);
  });
});
