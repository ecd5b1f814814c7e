import { StepClock } from "@weft/runtime/step-clock";
import type { Binding } from "../core/event.ts";
import type { Fact } from "../core/input.ts";
import { jsonText } from "../core/json.ts";
import type { BreakerChange } from "./breaker-changes.ts";
import { Dispatcher } from "./dispatcher.ts";
import { HandAgents } from "./hand-agents.fixture.ts";
import type { Place } from "./waiter.ts";

export const reattachGraceMs = 5_000;
export const recoveryGraceMs = 10_000;
export const agentBreakerCoolDownMs = 20_000;

/** A dispatcher between hand-driven agents and a desk that writes down what it hears. */
export class DispatchDesk {
  readonly agents = new HandAgents();
  readonly clock = new StepClock();
  /** Facts, each as "step.succeeded e/a/1/1", with what it says beside. */
  readonly heard: string[] = [];
  /** Who got a slot, as "a at x". */
  readonly bound: string[] = [];
  readonly changes: BreakerChange[] = [];
  /** What waited for a slot, and for how long, as "work for 20". */
  readonly waited: string[] = [];
  /** Steps that no longer need the slot that they waited for. */
  readonly content = new Set<string>();
  /** Sends that are out no more. */
  returned = 0;
  onBind: (step: string) => void = () => {};
  readonly dispatcher: Dispatcher;
  #undurable: (() => void)[] = [];

  constructor() {
    const { directory, connector } = this.agents;
    this.dispatcher = new Dispatcher(
      {
        directory,
        connector,
        clock: this.clock,
        random: () => 0,
        reattachGraceMs,
        recoveryGraceMs,
        agentBreakerCoolDownMs,
        stepBreakerCoolDownMs: 60_000,
      },
      {
        bind: ({ step }, { agentId }) => {
          if (this.content.has(step)) return false;
          this.bound.push(`${step} at ${agentId}`);
          this.onBind(step);
          return true;
        },
        waited: (capability, ms) => this.waited.push(`${capability} for ${ms}`),
        breakerChanged: (change) => this.changes.push(change),
        deliver: (executionId, fact, onDurable) => {
          this.heard.push(`${fact.kind} ${executionId}/${detailOf(fact)}`);
          this.#undurable.push(onDurable);
        },
        returned: () => {
          this.returned++;
        },
        progressed: (id, step, fraction) => this.heard.push(`progress ${id}/${step} ${fraction}`),
      },
    );
  }

  /** Changes of breakers, as "agent/x/work OPEN: FAILURES". */
  get breakers(): readonly string[] {
    return this.changes.map(({ breaker, reason }) => `${breaker.name} ${breaker.state}: ${reason}`);
  }

  /** What was delivered so far is durable. */
  durable(): void {
    for (const run of this.#undurable.splice(0)) run();
  }

  reserve(capability = "work"): Binding | undefined {
    return this.dispatcher.slots.reserve(capability, undefined);
  }

  enqueue(step: string, capability = "work", executionId = "e"): Place {
    return this.dispatcher.slots.enqueue({
      executionId,
      step,
      capability,
      stepKey: `default/w:${step}`,
    });
  }

  /** Takes a slot that must be there, and sends the step to it. */
  send(step: string, changes: { readonly timeoutMs?: number; readonly send?: number } = {}): string {
    const binding = this.reserve();
    if (!binding) throw new Error("no slot is free");
    return this.sendTo(binding, step, changes);
  }

  sendTo(binding: Binding, step: string, changes: Parameters<DispatchDesk["send"]>[1] = {}): string {
    this.dispatcher.send(jobOf("work"), effectOf(binding, step, this.clock.now(), changes));
    return `e/${step}/1/${changes.send ?? 1}`;
  }

  /** The step was sent before a restart. */
  resume(agentId: string, step: string, timeoutMs = 600_000): string {
    const binding = { agentId, incarnation: `${agentId}#1` };
    this.dispatcher.resume(jobOf("work"), effectOf(binding, step, this.clock.now(), { timeoutMs }));
    return `e/${step}/1/1`;
  }

  cancel(binding: Binding, step: string): void {
    const reason = "not needed";
    this.dispatcher.cancel("e", { kind: "cancel", step, attempt: 1, send: 1, binding, reason });
  }
}

function jobOf(capability: string) {
  return { executionId: "e", namespace: "default", workflow: "w", capability, heartbeatTimeoutMs: undefined };
}

function effectOf(
  binding: Binding,
  step: string,
  nowMs: number,
  { timeoutMs = 600_000, send = 1 }: { readonly timeoutMs?: number; readonly send?: number },
) {
  const input = jsonText(`"for ${step}"`);
  return { kind: "send", step, attempt: 1, send, binding, input, deadlineMs: nowMs + timeoutMs } as const;
}

function detailOf(fact: Fact): string {
  if (!("send" in fact)) return fact.kind;
  const ref = `${fact.step}/${fact.attempt}/${fact.send}`;
  if (fact.kind === "step.rejected" && !fact.isAffordable) return `${ref}: ${fact.reason}, over budget`;
  if ("reason" in fact) return `${ref}: ${fact.reason}`;
  if ("failure" in fact) return `${ref}: ${fact.failure.code}`;
  return "payload" in fact ? `${ref} ${fact.payload.text}` : ref;
}
