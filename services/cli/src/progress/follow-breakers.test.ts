import { CircuitBreakerReason, CircuitBreakerState } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { Code, RpcError } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { expect, it, onTestFinished } from "vitest";
import { openConnection } from "../connection.ts";
import { enumName } from "../render/enum-name.ts";
import { type OrchestratorHandlers, serveScript } from "../testing/scripted-services.ts";
import { followBreakers } from "./follow-breakers.ts";

type Watch = Parameters<OrchestratorHandlers["watchCircuitBreakers"]>[1];

const { OPEN, HALF_OPEN, CLOSED } = CircuitBreakerState;

/** What a reader gets while watch after watch is answered by these, each of which then breaks. */
async function followed(...answers: readonly ((watch: Watch) => void)[]): Promise<readonly string[]> {
  const left = new AbortController();
  const toAnswer = [...answers];
  const { address, stop } = await serveScript({
    watchCircuitBreakers(_request, watch) {
      const answer = toAnswer.shift();
      if (!answer) return left.abort();
      answer(watch);
      watch.fail(new RpcError(Code.UNAVAILABLE, "stopping"));
    },
  });
  onTestFinished(stop);
  const connection = openConnection((service) => ({ service, address, token: undefined, origin: "" }));
  onTestFinished(connection.close);
  const clock = new StepClock(0);
  const ports = { orchestrator: connection.orchestrator(), clock, signal: left.signal };
  const seen: string[] = [];
  for await (const each of followBreakers("", ports)) {
    if (each.kind === "lost") queueMicrotask(() => clock.advance(10_000));
    if (each.kind !== "breaker") seen.push(each.kind);
    else {
      const { breaker, reason } = each.change;
      const why = enumName(CircuitBreakerReason, reason);
      seen.push(`${breaker?.name} ${enumName(CircuitBreakerState, breaker!.state)} ${why}`);
    }
  }
  return seen;
}

it("brings what is found, then what changes", async () => {
  const seen = await followed((watch) => {
    watch.write({ breakers: [{ name: "a", state: OPEN }] });
    const breaker = { name: "a", state: HALF_OPEN };
    watch.write({ changes: [{ breaker, from: OPEN, reason: CircuitBreakerReason.COOLED_DOWN }] });
  });
  expect(seen).toEqual(["a OPEN UNSPECIFIED", "a HALF_OPEN COOLED_DOWN", "lost"]);
});

it("brings after a lost connection what is not as it was seen last, and nothing twice", async () => {
  const seen = await followed(
    (watch) => {
      const found = ["a", "b", "c", "d"].map((name) => ({ name, state: OPEN }));
      watch.write({ breakers: found });
      watch.write({
        changes: [{ breaker: { name: "d", state: CLOSED }, reason: CircuitBreakerReason.RESET }],
      });
    },
    (watch) => {
      watch.write({ breakers: [{ name: "a", state: OPEN }], warming: true });
      watch.write({ breakers: [{ name: "b", state: HALF_OPEN }] });
    },
    (watch) => void watch.write({}),
  );
  expect(seen.slice(4)).toEqual([
    "d CLOSED RESET",
    "lost",
    "resumed",
    "b HALF_OPEN UNSPECIFIED",
    "c CLOSED UNSPECIFIED",
    "lost",
    "resumed",
    "a CLOSED UNSPECIFIED",
    "b CLOSED UNSPECIFIED",
    "lost",
  ]);
});
