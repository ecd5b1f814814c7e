import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import type { Notification } from "../core/notification.ts";
import type { Receiver, SendOutcome } from "./ports.ts";
import { receiverTrials } from "./receiver-trial.ts";

function trialsOf(answer: (signal: AbortSignal) => Promise<SendOutcome>) {
  const clock = new StepClock();
  const sent: Notification[] = [];
  const receiver: Receiver = {
    send(notification, signal) {
      sent.push(notification);
      return answer(signal);
    },
  };
  return { clock, sent, trial: receiverTrials(new Map([["ops", receiver]]), clock) };
}

describe("a test of a receiver", () => {
  it("sends a notification and its end, so that nothing is left open", async () => {
    const { sent, trial } = trialsOf(async () => ({ kind: "delivered" }));
    expect(await trial("ops", "r-1", "ada")).toEqual({ kind: "delivered" });
    expect(sent).toMatchObject([
      { id: "test-r-1", dedupKey: "test-r-1", status: "firing", severity: "info" },
      { id: "test-r-1-end", dedupKey: "test-r-1", status: "resolved" },
    ]);
  });

  it("says why it was not taken, and leaves it at that", async () => {
    const { sent, trial } = trialsOf(async () => ({ kind: "rejected", reason: "it answered 404" }));
    expect(await trial("ops", "", "ada")).toEqual({ kind: "rejected", reason: "it answered 404" });
    expect(sent).toHaveLength(1);
  });

  it("is refused for a receiver that is not there, and while another test of it runs", async () => {
    const { clock, trial } = trialsOf(
      (signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve({ kind: "retry", reason: "no answer" })),
        ),
    );
    expect(await trial("nobody", "", "ada")).toMatchObject({ reason: "RECEIVER_NOT_FOUND" });
    const first = trial("ops", "", "ada");
    expect(await trial("ops", "", "ada")).toMatchObject({ reason: "BUSY" });
    clock.advance(12_000);
    expect(await first).toEqual({ kind: "retry", reason: "no answer" });
  });
});
