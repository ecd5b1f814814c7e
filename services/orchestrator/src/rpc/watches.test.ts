import { create } from "@bufbuild/protobuf";
import {
  WatchExecutionsRequestSchema,
  type WatchExecutionsResponse,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { Code, messageBytesMax, type RpcError, type ServerStream } from "@weft/runtime/grpc";
import { expect, it } from "vitest";
import { turn } from "../app/hand-store.fixture.ts";
import { type Published, WatchHub } from "../app/watch-hub.ts";
import { blankExecution } from "../core/execution.ts";
import { defaultExecutionLimits } from "../core/limits.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { watchExecutions } from "./watches.ts";

const mib = 1_048_576;
const workflow = testWorkflow({ mode: "parallel", steps: [{ id: "a" }] });

/** A watch of all executions, with the sequences that each message brought and what ended it. */
function watched() {
  const hub = new WatchHub();
  const brought: number[][] = [];
  const ends: RpcError[] = [];
  const stream: ServerStream<WatchExecutionsResponse> = {
    write({ events }) {
      brought.push(events.map(({ sequence }) => Number(sequence)));
      return true;
    },
    onDrain: () => {},
    end: () => {},
    fail: (error) => void ends.push(error),
    onClose: () => {},
  };
  const request = create(WatchExecutionsRequestSchema, { namespace: "default", payloads: PayloadForm.DATA });
  watchExecutions(hub, 1, request, stream);
  return { hub, brought, ends };
}

function published(sequence: number, bytes: number): Published {
  const execution = blankExecution("x", workflow, defaultExecutionLimits);
  execution.header = { namespace: "default" } as NonNullable<typeof execution.header>;
  const payload = { text: `"${"x".repeat(bytes)}"` };
  const event = { kind: "step.succeeded", step: "a", attempt: 1, send: 1, payload } as const;
  return { execution, events: [{ sequence, timeMs: 1, event }], firstPosition: sequence };
}

it("brings what one commit brings in as few messages as it fits into", async () => {
  const { hub, brought, ends } = watched();
  for (const sequence of [1, 2, 3, 4, 5]) hub.publish(published(sequence, 5 * mib));
  await turn();
  hub.publish(published(6, 1));
  await turn();
  expect(brought).toEqual([[], [1, 2, 3], [4, 5], [6]]);
  expect(ends).toEqual([]);
});

it("ends at an event that fits into no message, and holds up nobody else", async () => {
  const { hub, brought, ends } = watched();
  hub.publish(published(1, 1));
  hub.publish(published(2, messageBytesMax));
  await turn();
  expect(brought).toEqual([[], [1]]);
  expect(ends).toMatchObject([{ code: Code.RESOURCE_EXHAUSTED, details: { reason: "MESSAGE_TOO_LARGE" } }]);
});
