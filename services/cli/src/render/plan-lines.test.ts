import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ExecutionPlanSchema, Join } from "@weft/proto/weft/workflow/v1/definition_pb";
import { describe, expect, it } from "vitest";
import { paintLine } from "./line.ts";
import { plain } from "./paint.ts";
import { planLines } from "./plan-lines.ts";

function drawn(plan: MessageInitShape<typeof ExecutionPlanSchema>, columns = 80): readonly string[] {
  return planLines("flow.yaml", create(ExecutionPlanSchema, plan), columns).map((line) =>
    paintLine(line, plain),
  );
}

const step = (stepId: string, ...dependencies: string[]) => ({ stepId, dependencies });

describe("a plan on the screen", () => {
  it("shows the graph, the batches and the critical path", () => {
    const plan = {
      steps: [
        step("collect"),
        step("measure", "collect"),
        step("check", "collect"),
        step("report", "measure", "check"),
      ],
      batches: [{ stepIds: ["collect"] }, { stepIds: ["measure", "check"] }, { stepIds: ["report"] }],
      criticalPath: ["collect", "measure", "report"],
    };
    expect(drawn(plan)).toEqual([
      "flow.yaml  4 steps in 3 batches",
      "",
      "  ● collect",
      "  ├─ ● measure",
      "  ├─ ○ check",
      "  ● report      ← measure, check",
      "",
      "Batches",
      "  1  collect",
      "  2  measure, check",
      "  3  report",
      "",
      "Critical path  collect → measure → report",
    ]);
  });

  it("says how dependencies are joined, and what decides whether a step runs", () => {
    const plan = {
      steps: [
        step("a"),
        { ...step("b"), optional: true, when: "${input.deep}" },
        { ...step("first", "a", "b"), join: Join.ANY },
        { ...step("clean", "first"), join: Join.DONE },
        { ...step("tell", "clean"), join: Join.ALL },
      ],
    };
    expect(drawn(plan).slice(2)).toEqual([
      "  ├─ ○ a",
      "  ├─ ○ b   when ${input.deep}  optional",
      "  ○ first  ← any of a, b",
      "  ○ clean  ← first, however they end",
      "  ○ tell",
    ]);
  });

  it("closes each cycle before the reader's eyes", () => {
    const plan = {
      steps: [step("a"), step("b", "a", "d"), step("c", "b"), step("d", "c")],
      batches: [{ stepIds: ["a"] }],
      criticalPath: ["a"],
      hasCycles: true,
      cycles: [{ stepIds: ["b", "c", "d"] }],
    };
    expect(drawn(plan)).toEqual([
      "flow.yaml  4 steps in 1 batch  ✗ 1 cycle",
      "",
      "  ● a",
      "  ✗ b  ← a, d",
      "  ✗ c",
      "  ✗ d",
      "",
      "Batches",
      "  1  a",
      "",
      "Critical path  a",
      "",
      "Cycle  b → c → d → b",
    ]);
  });

  it("breaks long lists where the window ends", () => {
    const ids = Array.from({ length: 12 }, (_, n) => `step_${n}`);
    const lines = drawn(
      { steps: ids.map((id) => step(id)), batches: [{ stepIds: ids }], criticalPath: ["step_0"] },
      40,
    );
    expect(lines.slice(-6, -2)).toEqual([
      "Batches",
      "  1  step_0, step_1, step_2, step_3,",
      "     step_4, step_5, step_6, step_7,",
      "     step_8, step_9, step_10, step_11",
    ]);
  });
});
