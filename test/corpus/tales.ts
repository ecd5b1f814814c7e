import type { Tale } from "../../services/orchestrator/src/core/corpus.fixture.ts";

/** Every rule and every kind of event comes up in one of these. A release records them as they are then. */
export const tales: Readonly<Record<string, Tale>> = {
  "dependency-success": tale(
    { vars: { region: "${input.region}" }, labels: { team: "docs" }, output: "${steps.report.output}" },
    [
      { id: "collect", with: { path: "${input.path}", run: "${execution.id}" } },
      { id: "measure", with: "${steps.collect.output.files}" },
      { id: "check", dependsOn: ["collect"], when: "${steps.collect.output.any}" },
      { id: "report", with: { measures: "${steps.measure.output}", checks: "${steps.check.output}" } },
    ],
    `
    start {"path":"/src","region":"eu"}; due collect; wait 20; due collect at x; wait 5
    succeeded collect/1/1 {"files":["ä"],"any":false}; due check; due measure at y
    succeeded measure/1/1 7; due report at x; wait 9; succeeded report/1/1 {"n":12345678901234567890}
  `,
  ),
  "sequential-skip-and-optional": tale(
    { mode: "sequential", retry: "none" },
    [{ id: "a", when: "${input.go}" }, { id: "b", optional: true }, { id: "c" }],
    `
    start {"go":false}; due a; due b at x; failed b/1/1 NOT_FOUND; due c at x; succeeded c/1/1 null
  `,
  ),
  "parallel-continue": tale(
    { mode: "parallel", onFailure: "continue", retry: "none" },
    [{ id: "a" }, { id: "b" }, { id: "c" }],
    `
    start []; due a at x; due b at x; due c at x; failed b/1/1 INTERNAL; succeeded a/1/1 1; failed c/1/1 ABORTED
  `,
  ),
  "joins-continue": tale(
    { onFailure: "continue", retry: "none" },
    [
      { id: "yes" },
      { id: "bad" },
      { id: "never", when: "${input.go}" },
      { id: "soft", optional: true },
      { id: "all", dependsOn: ["yes", "never", "soft"] },
      { id: "lost", dependsOn: ["yes", "bad"] },
      { id: "absent", dependsOn: ["never"] },
      { id: "first", join: "any", dependsOn: ["yes", "bad"] },
      { id: "none", join: "any", dependsOn: ["bad", "never"] },
      { id: "last", join: "done", dependsOn: ["lost", "soft"] },
    ],
    `
    start {"go":false}; due yes at x; due bad at y; due never; due soft at z; succeeded yes/1/1 1
    due first at x; failed bad/1/1 INTERNAL; failed soft/1/1 INTERNAL; due last at y; due all at z
    succeeded last/1/1 2; succeeded first/1/1 3; succeeded all/1/1 4
  `,
  ),
  "fail-with-cleanup": tale(
    { retry: "none" },
    [
      { id: "make" },
      { id: "bad" },
      { id: "next", dependsOn: ["make"] },
      { id: "cleanup", join: "done", dependsOn: ["make", "bad"] },
      { id: "told", dependsOn: ["cleanup"] },
    ],
    `
    start {}; due make at x; due bad at y; failed bad/1/1 INTERNAL {"reason":"GONE","retryAfterMs":5}
    succeeded make/1/1 "late"; due cleanup at z; succeeded cleanup/1/1 null; due told at z; succeeded told/1/1 1
  `,
  ),
  "retries-and-failovers": tale(
    {},
    [{ id: "a", queueTimeout: "20s" }],
    `
    start {}; due a at v; rejected a/1/1 full; due a at w; rejected a/1/2 full; due a at x; rejected a/1/3 full
    due a at y; rejected a/1/4 full; wait 1000; due a at z; failed a/1/5 UNAVAILABLE; wait 9000; due a; due a at v
    timed out a/2/6; wait 9000; due a at v; failed a/3/7 RESOURCE_EXHAUSTED
  `,
  ),
  "interruptions-to-poison": tale(
    { retry: "aggressive" },
    [{ id: "a" }, { id: "b" }],
    `
    start {}; due a at x; due b at x; lost a/1/1 crash; due a at y; lost a/1/2 crash; wait 9000; due a at z
    lost a/2/3 crash; succeeded b/1/1 1; succeeded a/2/3 "after all"
  `,
  ),
  uncertain: tale(
    { onFailure: "continue" },
    [
      { id: "lost", atMostOnce: true },
      { id: "slow", atMostOnce: true, heartbeatTimeout: "5s" },
      { id: "late", atMostOnce: true },
    ],
    `
    start {}; due lost at x; due slow at x; due late at x; lost lost/1/1 crash; heartbeat missed slow/1/1
    later late/1/1; timed out late/1/1; succeeded lost/1/1 "done"
  `,
  ),
  "nobody-takes-it": tale(
    {},
    [{ id: "a", queueTimeout: "20s", capability: "gpu.train" }],
    `
    start {}; due a; wait 20000; queue timed out a
  `,
  ),
  "completed-later": tale(
    {},
    [
      { id: "ask", timeout: "1h" },
      { id: "act", dependsOn: ["ask"] },
    ],
    `
    start {}; due ask at x; later ask/1/1; wait 1000; complete ask/1/1 as UNAVAILABLE; wait 9000; due ask at y
    later ask/2/2; complete ask/2/2 with {"approved":true}; due act at x; complete act/1/1 with 1
  `,
  ),
  paused: tale(
    { timeout: "1h" },
    [
      { id: "a", timeout: "1m" },
      { id: "b", queueTimeout: "20s" },
      { id: "c", timeout: "30m" },
      { id: "d", dependsOn: ["a"] },
    ],
    `
    start {}; due a at x; due b; due c at x; later c/1/1; wait 5000; pause because we deploy; wait 60000
    succeeded a/1/1 1; wait 100; resume; due d at x; pause; rejected d/1/1 draining; wait 7; resume; due b at y
  `,
  ),
  cancelled: tale(
    {},
    [{ id: "a" }, { id: "b" }, { id: "c", dependsOn: ["a"] }, { id: "d" }],
    `
    start {}; due a at x; due b; due d at x; failed d/1/1 ABORTED; wait 5; cancel because it was the wrong one
    wait 5; succeeded a/1/1 "too late"
  `,
  ),
  "timed-out": tale(
    { timeout: "1m" },
    [
      { id: "a", timeout: "50s" },
      { id: "b", dependsOn: ["a"] },
    ],
    `
    start {}; due a at x; wait 60000; time is up; succeeded a/1/1 1
  `,
  ),
  "too-large": {
    ...tale(
      { onFailure: "continue" },
      [{ id: "a" }, { id: "b", with: { long: "more than sixteen" } }],
      `
      start {}; due a at x; due b; succeeded a/1/1 "this is more than sixteen"
    `,
    ),
    limits: { payloadBytesMax: 16 },
  },
  "expression-failed": tale(
    {},
    [{ id: "a" }, { id: "b", with: "${steps.a.output.size}" }],
    `
    start {}; due a at x; succeeded a/1/1 {"length":3}; due b
  `,
  ),
};

type Tree = Tale["definition"];

function tale(workflow: Tree, steps: readonly Tree[], commands: string): Tale {
  const definition = {
    workflow: "tale",
    version: 1,
    ...workflow,
    steps: steps.map((step) => ({ capability: "work", ...step })),
  };
  return { definition, commands: commands.split(/[;\n]/).flatMap((command) => command.trim() || []) };
}
