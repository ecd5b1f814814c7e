import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { freePort } from "../harness/free-port.ts";
import { startWeftDev } from "../harness/weft-dev.ts";
import { ended, start } from "./executions.ts";
import { echo, serveAgent } from "./served-agent.ts";
import { type Frame, type SessionTap, tapSession } from "./session-tap.ts";

const kib = 1024;
const mib = 1024 * kib;
const chunkBytesMax = 64 * kib;
const frameBytesMax = 256 * kib;
const creditWindowBytes = mib;

/** 20 large steps and 20 small ones at once. A step's output is as long as its input says, beside the input itself. */
const many = JSON.stringify({
  workflow: "many",
  version: 1,
  mode: "parallel",
  steps: Array.from({ length: 20 }, (_, index) => [
    { id: `large${index}`, capability: "test.echo", with: "${input}" },
    { id: `small${index}`, capability: "test.echo", with: { n: index } },
  ]).flat(),
  output: "done",
});

async function meshWithTap() {
  const dev = await startWeftDev(temporaryFolder());
  onTestFinished(() => dev.close());
  const address = `127.0.0.1:${await freePort()}`;
  const tap = await tapSession(address);
  onTestFinished(() => tap.close());
  serveAgent(dev, echo, { address, advertise: tap.address });
  return { dev, tap };
}

type Side = Frame["from"];
const sides: readonly Side[] = ["orchestrator", "agent"];

function payloadBytesOf(entry: Frame["entries"][number]): number {
  if (entry.case === "chunk") return entry.value.data.byteLength;
  if (entry.case === "dispatch") return entry.value.input.byteLength;
  return entry.case === "succeeded" ? entry.value.output.byteLength : 0;
}

/** For each moment, what a side was granted and has not sent. Never below 0, never above the window. */
function creditLeft({ frames }: SessionTap, side: Side): number[] {
  let left = 0;
  return frames.flatMap(({ from, entries }) =>
    entries.map((entry) => {
      if (from === side) left -= payloadBytesOf(entry);
      else if (entry.case === "credit") left += entry.value.bytes;
      return left;
    }),
  );
}

function framesOf({ frames }: SessionTap, side: Side): readonly Frame[] {
  return frames.filter(({ from }) => from === side);
}

/** Whether an entry may wait behind a chunk or a payload of its own frame. */
const patient: ReadonlySet<string | undefined> = new Set(["dispatch", "succeeded", "failed", "chunk"]);

test("20 inputs and 20 results of 1 MiB at once stay within the credit, in small frames, behind what is urgent or small", async () => {
  const { dev, tap } = await meshWithTap();
  const executionId = await start(dev, many, "x".repeat(mib - 2));
  expect(await ended(dev, executionId)).toMatchObject({ status: ExecutionStatus.SUCCEEDED });

  expect(tap.sessions()).toBe(1);
  for (const side of sides) {
    const frames = framesOf(tap, side);
    const chunks = frames.flatMap(({ entries }) => entries.filter((entry) => entry.case === "chunk"));
    expect(chunks).toHaveLength((20 * mib) / chunkBytesMax);
    expect(Math.max(...frames.map(({ bytes }) => bytes))).toBeLessThanOrEqual(frameBytesMax);
    const left = creditLeft(tap, side);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...left)).toBeLessThanOrEqual(creditWindowBytes);
    for (const { entries } of frames) {
      const kinds: (string | undefined)[] = entries.map((entry) => entry.case);
      expect(kinds.filter((kind) => kind === "chunk").length).toBeLessThanOrEqual(1);
      const firstPatient = kinds.findIndex((kind) => patient.has(kind));
      if (firstPatient >= 0) expect(kinds.slice(firstPatient).every((kind) => patient.has(kind))).toBe(true);
    }
  }

  const successes = framesOf(tap, "agent").flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.case === "succeeded" ? [entry.value.chunkedBytes > 0] : [])),
  );
  const beforeLastSmall = successes.slice(0, successes.lastIndexOf(false));
  // All 20 small ones are through before a quarter of the large ones is.
  expect(beforeLastSmall.filter((isLarge) => isLarge).length).toBeLessThanOrEqual(5);
}, 120_000);
