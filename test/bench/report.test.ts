import { describe, expect, it } from "vitest";
import { renderJson, renderTable } from "./report.ts";

const machine = { cores: 2, cpu: "a processor", memory_mb: 8_192, node: "v24.0.0" };
const figures = {
  raw_unary_per_s: 10_000,
  raw_unary_p50_ms: 0.5,
  w1_p50_ms: 2.25449,
  w2_256_steps_per_s: 9_000.4,
  w5_steps_per_s: 8_000,
  rss_mb: 301.7,
};
const wrong = { phase: "w1", count: 3, first: "e-1: executionFailed" } as const;

describe("the JSON report", () => {
  it("is one line with each measured figure by its name", () => {
    const json = renderJson({ machine, runs: [{ figures, wrong: [], othersCores: 0.5 }] });
    expect(json).not.toContain("\n");
    expect(JSON.parse(json)).toMatchObject({
      raw_unary_per_s: 10_000,
      w1_p50_ms: 2.25,
      w2_256_steps_per_s: 9_000,
      rss_mb: 302,
      runs: 1,
      others_cores: 0.5,
      wrong: [],
      machine,
    });
    expect(json).not.toContain("w3_p50_ms");
  });

  it("holds the ratios whose figures are there against their goals", () => {
    const { ratios } = JSON.parse(renderJson({ machine, runs: [{ figures, wrong: [], othersCores: 0.5 }] }));
    expect(ratios).toEqual([
      {
        figure: "w2_256_steps_per_s",
        reference: "raw_unary_per_s",
        bound: "at-least",
        factor: 0.8,
        value: 0.9,
        isMet: true,
      },
      {
        figure: "w5_steps_per_s",
        reference: "raw_unary_per_s",
        bound: "at-least",
        factor: 1.2,
        value: 0.8,
        isMet: false,
      },
      {
        figure: "w1_p50_ms",
        reference: "raw_unary_p50_ms",
        bound: "at-most",
        factor: 8,
        value: 4.51,
        isMet: true,
      },
    ]);
  });

  it("counts wrong executions of all runs", () => {
    const json = renderJson({
      machine,
      runs: [
        { figures, wrong: [wrong], othersCores: 0.5 },
        { figures, wrong: [wrong], othersCores: 0.5 },
      ],
    });
    expect(JSON.parse(json)).toMatchObject({ wrong: [wrong, wrong] });
  });
});

describe("ratios of several runs", () => {
  it("are the medians of each run's own", () => {
    const runs = [1, 2, 10].map((times) => ({
      figures: { raw_unary_per_s: 1_000 * times, w5_steps_per_s: 2_000 * times + 100 },
      wrong: [],
      othersCores: 0,
    }));
    expect(JSON.parse(renderJson({ machine, runs }))).toMatchObject({
      raw_unary_per_s: 2_000,
      ratios: [{ figure: "w5_steps_per_s", value: 2.05, isMet: true }],
    });
  });
});

describe("the table", () => {
  it("shows medians, ratios with their goals, and the machine", () => {
    const runs = [8_000, 9_000, 30_000].map((w2_256_steps_per_s) => ({
      figures: { ...figures, w2_256_steps_per_s },
      wrong: [],
      othersCores: 0.25,
    }));
    expect(renderTable({ machine, runs }).split("\n")).toEqual([
      "figure              median of 3  what it is",
      "raw_unary_per_s          10,000  bare grpc-js, unary calls, 256 in flight",
      "raw_unary_p50_ms            0.5  bare grpc-js, one unary call at a time",
      "w1_p50_ms                  2.25  3 steps in sequence, one execution at a time",
      "w2_256_steps_per_s        9,000  3 steps in sequence, 256 in flight",
      "w5_steps_per_s            8,000  30 steps in sequence, 256 in flight",
      "rss_mb                      302  memory of the orchestrator's process at the end",
      "",
      "ratio                                 measured  goal",
      "w2_256_steps_per_s / raw_unary_per_s       0.9  ≥ 0.8  met",
      "w5_steps_per_s / raw_unary_per_s           0.8  ≥ 1.2  MISSED",
      "w1_p50_ms / raw_unary_p50_ms              4.51  ≤ 8    met",
      "",
      "2 cores (a processor), Node v24.0.0",
      "other processes kept 0.25 cores busy meanwhile",
      "",
    ]);
  });

  it("is loud about wrong outputs", () => {
    expect(renderTable({ machine, runs: [{ figures, wrong: [wrong], othersCores: 0.5 }] })).toContain(
      "WRONG: 3 executions of w1 failed or gave a wrong output; the first: e-1: executionFailed",
    );
  });
});
