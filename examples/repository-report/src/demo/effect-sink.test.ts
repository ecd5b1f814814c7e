import { expect, it, onTestFinished } from "vitest";
import { type EffectSink, openEffectSink } from "./effect-sink.ts";

async function open(): Promise<EffectSink> {
  const sink = await openEffectSink();
  onTestFinished(() => sink.close());
  return sink;
}

async function deliver({ url }: EffectSink, key: string, agent: string): Promise<unknown> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify({ key, agent }) });
  return answer.ok ? answer.json() : answer.status;
}

it("applies an effect once per key, whoever tells of it", async () => {
  const sink = await open();
  expect(await deliver(sink, "e/measure", "a-1")).toMatchObject({ isApplied: true });
  expect(await deliver(sink, "e/measure", "a-2")).toMatchObject({ isApplied: false });
  expect(await deliver(sink, "e/check", "a-2")).toMatchObject({ isApplied: true });
});

it("holds the answer to a step's first delivery, with the effect applied, and no other", async () => {
  const sink = await open();
  const { reached, release } = sink.hold("measure");
  const first = deliver(sink, "e/measure", "a-1");
  expect(await reached).toEqual({ key: "e/measure", agent: "a-1", isApplied: true });
  expect(await deliver(sink, "e/measure", "a-2")).toMatchObject({ isApplied: false });
  release();
  expect(await first).toMatchObject({ agent: "a-1" });
});

it("refuses what is no delivery", async () => {
  const sink = await open();
  const answer = await fetch(sink.url, { method: "POST", body: "{}" });
  expect([answer.status, sink.deliveries]).toEqual([400, []]);
});
