import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import type { AlertView } from "../core/alert.ts";
import { parseDuration } from "../core/duration.ts";
import { defaultMemoryLimits, type MemoryLimits } from "../core/limits.ts";
import type { Matchers } from "../core/matcher.ts";
import type { Notification } from "../core/notification.ts";
import type {
  AgentObservation,
  ExecutionObservation,
  Observation,
  StepObservation,
} from "../core/observation.ts";
import { isRejection } from "../core/rejection.ts";
import { AlertEngine } from "./alert-engine.ts";
import { noMetrics } from "./alert-metrics.ts";
import { type DeliveryLimits, defaultDeliveryLimits } from "./deliveries.ts";
import type { Receiver, SendOutcome } from "./ports.ts";
import type { AlertStore } from "./store.ts";

/** The rules that are shipped. */
export const shippedRules = readFileSync(new URL("../../rules/default.yaml", import.meta.url), "utf8");

export type StoryOptions = {
  readonly store: AlertStore;
  readonly clock?: StepClock;
  /** Laid over the shipped rules. */
  readonly rules?: string;
  readonly receivers?: readonly string[];
  /** From one look at the rules to the next. */
  readonly lookEvery?: string;
  readonly memoryLimits?: MemoryLimits;
  readonly deliveryLimits?: Partial<DeliveryLimits>;
  readonly logger?: Logger;
};

type Started = { readonly timeout?: string; readonly workflow?: string };
type Called = {
  readonly capability?: string;
  readonly workflow?: string;
  readonly timeout?: string;
  readonly agent?: string;
  readonly code?: string;
};

/** A story: what happens in a mesh, on a step clock, and what people are told of it. */
export class Story {
  readonly engine: AlertEngine;
  readonly clock: StepClock;
  /** Everything that was handed to a receiver, in order. */
  readonly handed: Notification[] = [];
  /** What each receiver answers. */
  readonly answers = new Map<string, () => SendOutcome>();
  readonly #lookEveryMs: number;
  #told = 0;
  #position = 0;

  private constructor(engine: AlertEngine, clock: StepClock, lookEveryMs: number) {
    this.engine = engine;
    this.clock = clock;
    this.#lookEveryMs = lookEveryMs;
  }

  static async begin({
    store,
    clock = new StepClock(),
    rules = "{}",
    receivers = ["default"],
    ...options
  }: StoryOptions): Promise<Story> {
    const {
      lookEvery = "1s",
      memoryLimits = defaultMemoryLimits,
      deliveryLimits = {},
      logger = silentLogger,
    } = options;
    let story: Story | undefined;
    const receiver: Receiver = { send: async (notification) => story!.#hand(notification) };
    const engine = await AlertEngine.open({
      store,
      clock,
      random: () => 0.5,
      logger,
      metrics: noMetrics,
      receivers: new Map(receivers.map((name) => [name, receiver])),
      shippedRules,
      rules,
      deliveryLimits: { ...defaultDeliveryLimits, ...deliveryLimits },
      memoryLimits,
      judgeEveryMs: msOf(lookEvery),
    });
    assert.ok(!isRejection(engine), isRejection(engine) ? JSON.stringify(engine.problems) : "");
    story = new Story(engine, clock, msOf(lookEvery));
    story.#position = engine.positions().get(0) ?? 0;
    engine.start();
    return story;
  }

  // What happens.

  started(executionId: string, { timeout, workflow = "release" }: Started = {}): Promise<void> {
    return this.#execution(executionId, workflow, {
      type: "started",
      ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout) }),
    });
  }

  ended(
    executionId: string,
    type: Exclude<ExecutionObservation["type"], "started">,
    workflow = "release",
    reason = "",
  ): Promise<void> {
    return this.#execution(executionId, workflow, { type, reason });
  }

  step(name: string, type: StepObservation["type"], called: Called = {}): Promise<void> {
    const [executionId = "", stepId = ""] = name.split("/");
    const { capability = "code.review", workflow = "release", timeout, agent, code } = called;
    return this.log({
      kind: "step",
      type,
      timeMs: this.clock.now(),
      namespace: "default",
      workflow,
      executionId,
      stepId,
      capability,
      ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout) }),
      ...(agent === undefined ? {} : { agentId: agent }),
      ...(code === undefined ? {} : { code }),
    });
  }

  agent(
    agentId: string,
    state: AgentObservation["state"],
    more: Partial<AgentObservation> = {},
  ): Promise<void> {
    const capabilities = ["code.review"];
    const agent = { agentId, incarnation: "1", name: "reviewer", state, capabilities };
    return this.observe({ kind: "agent", timeMs: this.clock.now(), ...agent, ...more });
  }

  dependency(
    name: "nats" | "database" | "orchestrator" | "registry",
    reachable: boolean,
    reason = "",
  ): Promise<void> {
    return this.observe({ kind: "dependency", timeMs: this.clock.now(), name, reachable, reason });
  }

  /** A fact of no log. */
  observe(observation: Observation): Promise<void> {
    return this.engine.observe([{ observation }]);
  }

  /** A fact of the log of shard 0. */
  log(observation: Observation): Promise<void> {
    this.#position += 1;
    return this.engine.observe([{ observation, place: { shard: 0, position: this.#position } }]);
  }

  /** Lets time pass, and the engine look as often as it does. */
  async pass(duration: string): Promise<void> {
    for (let leftMs = msOf(duration); leftMs > 0; leftMs -= this.#lookEveryMs) {
      this.clock.advance(Math.min(leftMs, this.#lookEveryMs));
      await settled();
    }
  }

  async acknowledge(rule: string, by = "ada"): Promise<void> {
    const outcome = await this.engine.desk.acknowledge(this.alert(rule).fingerprint, by, "on it");
    assert.ok(!isRejection(outcome), JSON.stringify(outcome));
  }

  async silence(matchers: Matchers, duration: string): Promise<string> {
    const untilMs = this.clock.now() + msOf(duration);
    const silence = await this.engine.desk.createSilence({
      matchers,
      untilMs,
      by: "ada",
      comment: "maintenance",
    });
    assert.ok(!isRejection(silence), JSON.stringify(silence));
    return silence.id;
  }

  // What people see.

  /** What receivers were told since this was last asked, a line each. */
  told(): readonly string[] {
    const lines = this.handed.slice(this.#told).map(lineOf);
    this.#told = this.handed.length;
    return lines;
  }

  /** The one alert of a rule that is not resolved. */
  alert(rule: string): AlertView {
    const found = this.engine.desk.list({ matchers: { rule: [rule] }, limit: 10 });
    assert.equal(found.length, 1, `${found.length} alerts of ${rule}`);
    return found[0]!;
  }

  /** Alerts that are not resolved: rule and state. */
  alerts(): readonly string[] {
    return this.engine.desk.list({ limit: 1_000 }).map(({ rule, state, silencedBy, inhibitedBy }) => {
      const mute = inhibitedBy !== undefined ? " (inhibited)" : silencedBy.length > 0 ? " (silenced)" : "";
      return `${rule} ${state}${mute}`;
    });
  }

  #execution(
    executionId: string,
    workflow: string,
    rest: Pick<ExecutionObservation, "type" | "timeoutMs" | "reason">,
  ) {
    return this.log({
      kind: "execution",
      timeMs: this.clock.now(),
      namespace: "default",
      workflow,
      executionId,
      ...rest,
    });
  }

  #hand(notification: Notification): SendOutcome {
    this.handed.push(notification);
    return this.answers.get(notification.receiver)?.() ?? { kind: "delivered" };
  }
}

/** Everything that does not wait for the clock is done. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function msOf(duration: string): number {
  const parsed = parseDuration(duration);
  assert.ok(parsed.ok, duration);
  return parsed.ms;
}

function lineOf({ receiver, status, severity, alerts }: Notification): string {
  const rules = alerts.map(({ rule }) => rule).join(", ");
  return `${receiver}: ${status} ${severity} ${rules}`;
}
