import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { Code, messageBytesMax } from "@weft/runtime/grpc";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";
import { ended, start } from "./executions.ts";
import { echo, serveAgent } from "./served-agent.ts";

/** With its input and its steps' inputs and outputs an execution has 20 payloads and an output. */
const stepCount = 9;
const text = "x".repeat(1_000_000);
const large = JSON.stringify({
  workflow: "large",
  version: 1,
  mode: "parallel",
  steps: Array.from({ length: stepCount }, (_, at) => ({
    id: `s${at}`,
    capability: "test.echo",
    with: "${input}",
  })),
  output: "${steps.s0.output}",
});

const inData = { payloads: PayloadForm.DATA };

/** An execution that has ended, with more in it than a message takes. */
async function grown(): Promise<{ dev: WeftDev; executionId: string }> {
  const dev = await startWeftDev(temporaryFolder());
  onTestFinished(() => dev.close());
  serveAgent(dev, echo);
  const executionId = await start(dev, large, text);
  await ended(dev, executionId);
  return { dev, executionId };
}

test("an execution that is too large for a message is shown without payloads, and page by page", async () => {
  const { dev, executionId } = await grown();
  const { orchestrator } = dev;
  const tooLarge = {
    code: Code.RESOURCE_EXHAUSTED,
    message: expect.stringMatching(
      `^the answer has 2\\d{7} bytes; the limit of a message is ${messageBytesMax}: ask without payloads .*ListEvents`,
    ),
    details: { reason: "MESSAGE_TOO_LARGE" },
  };
  await expect(orchestrator.getExecution({ executionId, ...inData })).rejects.toMatchObject(tooLarge);
  await expect(orchestrator.awaitExecution({ executionId, ...inData })).rejects.toMatchObject(tooLarge);
  const { execution } = await orchestrator.getExecution({ executionId, payloads: PayloadForm.OMIT });
  expect(execution?.steps).toHaveLength(stepCount);

  const pages: number[][] = [];
  for (let isMore = true; isMore; ) {
    const afterSequence = BigInt(pages.at(-1)?.at(-1) ?? 0);
    const page = await orchestrator.listEvents({ executionId, afterSequence, pageSize: 1_000, ...inData });
    pages.push(page.events.map(({ sequence }) => Number(sequence)));
    isMore = page.more;
  }
  expect(pages).toHaveLength(2);
  const all = Array.from({ length: Number(execution?.lastSequence) }, (_, at) => at + 1);
  expect(pages.flat()).toEqual(all);

  const seen: number[] = [];
  for await (const { events } of orchestrator.watchExecution({ executionId, ...inData }))
    seen.push(...events.map(({ sequence }) => Number(sequence)));
  expect(seen).toEqual(all);
}, 60_000);
