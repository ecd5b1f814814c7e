import { describe, expect, it } from "vitest";
import { childrenMax, Metrics } from "./metrics.ts";

describe("metrics", () => {
  it("are written as Prometheus reads them", async () => {
    const metrics = new Metrics();
    const starts = metrics.counter({ name: "starts_total", help: "Starts.", labels: ["kind"] });
    const seconds = metrics.histogram({ name: "wait_seconds", help: "Waits." }, [0.1, 1]);
    metrics.gauge({ name: "slots", help: "Slots.", labels: ["state"] }, (set) => {
      set(3, "free");
      set(1, "taken");
    });
    starts.with("a").add();
    starts.with("a").add(2);
    starts.with('b"\n').add();
    for (const wait of [0.05, 0.1, 0.5, 7]) seconds.with().observe(wait);
    expect(await metrics.text()).toBe(
      `# HELP starts_total Starts.
# TYPE starts_total counter
starts_total{kind="a"} 3
starts_total{kind="b\\"\\n"} 1

# HELP wait_seconds Waits.
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.1"} 2
wait_seconds_bucket{le="1"} 3
wait_seconds_bucket{le="+Inf"} 4
wait_seconds_sum 7.65
wait_seconds_count 4

# HELP slots Slots.
# TYPE slots gauge
slots{state="free"} 3
slots{state="taken"} 1
`,
    );
    expect(metrics.names()).toEqual(["starts_total", "wait_seconds", "slots"]);
  });

  it("without labels are there before anything is counted", async () => {
    const metrics = new Metrics();
    metrics.counter({ name: "losses_total", help: "Losses." });
    expect(await metrics.text()).toContain("\nlosses_total 0\n");
  });

  it("tell so many label values apart, and count the rest together", async () => {
    const metrics = new Metrics();
    const starts = metrics.counter({ name: "starts_total", help: "Starts.", labels: ["workflow"] });
    for (let n = 0; n < childrenMax + 10; n++) starts.with(`w${n}`).add();
    const text = await metrics.text();
    expect(text).toContain('starts_total{workflow="other"} 10\n');
    expect(text.match(/^starts_total\{/gm)).toHaveLength(childrenMax + 1);
  });

  it("of a process tell of its event loop and its memory", async () => {
    const metrics = new Metrics();
    metrics.addProcess();
    const text = await metrics.text();
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds ");
    expect(text).toContain("process_resident_memory_bytes ");
  });

  it("have a name once", () => {
    const metrics = new Metrics();
    metrics.counter({ name: "starts_total", help: "Starts." });
    expect(() => metrics.counter({ name: "starts_total", help: "Starts." })).toThrow(
      /already been registered/,
    );
  });
});
