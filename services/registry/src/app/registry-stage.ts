import { seededRandom } from "@weft/balancer";
import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import type { AgentFilter } from "../core/agent-filter.ts";
import { defaultLimits, type Limits } from "../core/limits.ts";
import type { Registration } from "../core/registration.ts";
import { sampleRegistration } from "../core/registration-sample.ts";
import { isRejection } from "../core/rejection.ts";
import { AgentRegistry } from "./agent-registry.ts";
import type { Attachment } from "./attachment.ts";
import type { ProberOptions } from "./prober.ts";
import type { WatchMessage } from "./watcher.ts";

export const anyAgent: AgentFilter = { capability: undefined, states: undefined, labels: [] };

export type Reader = {
  /** One a message: "snapshot" and "warming" where they apply, then agent/incarnation:STATE:free for each. */
  readonly lines: readonly string[];
  readonly revisions: readonly number[];
  /** Lets it take so many messages more. */
  readonly take: (messages: number) => void;
  readonly close: () => void;
};

/** A registry on a step clock, for tests, with what agents and readers see of it. */
export class RegistryStage {
  readonly clock = new StepClock();
  readonly registry: AgentRegistry;
  /** Why streams were ended, as "agent: REASON". */
  readonly endings: string[] = [];
  /** Agents that were told on their streams to drain. */
  readonly drained: string[] = [];

  /** Timers fire `earlyMs` early, as real ones may by a millisecond. */
  constructor(limits: Partial<Limits> = {}, prober?: ProberOptions, earlyMs = 0) {
    this.registry = new AgentRegistry({
      incarnation: "registry-1",
      rules: { leaseMs: 10_000, preserveMs: 60_000, probes: prober && { failuresMax: 3, successesMin: 2 } },
      ...(prober && { prober }),
      limits: { ...defaultLimits, ...limits },
      clock: {
        now: () => this.clock.now(),
        monotonic: () => this.clock.monotonic(),
        after: (delayMs, run) => this.clock.after(delayMs - earlyMs, run),
      },
      random: seededRandom(1),
      logger: silentLogger,
    });
  }

  /** Attaches; throws the reason when it is refused. */
  attach(differing: Partial<Registration> = {}, onEnd = (): void => {}): Attachment {
    const registration = sampleRegistration(differing);
    const attachment = this.registry.attach(registration, {
      end: ({ reason }) => {
        this.endings.push(`${registration.agentId}: ${reason}`);
        onEnd();
      },
      drain: () => void this.drained.push(registration.agentId),
    });
    if (isRejection(attachment)) throw new Error(attachment.reason);
    return attachment;
  }

  /** Watches, and notes what it is told; throws the reason when it is refused. */
  read(filter: Partial<AgentFilter> = {}, takesMax = Number.POSITIVE_INFINITY, after?: number): Reader {
    const lines: string[] = [];
    const revisions: number[] = [];
    let takes = takesMax;
    const watch = this.registry.watch(
      { filter: { ...anyAgent, ...filter }, after },
      {
        write(message) {
          lines.push(describe(message));
          revisions.push(message.revision);
          takes -= 1;
          return takes > 0;
        },
        end: ({ reason }) => void lines.push(reason),
      },
    );
    if (isRejection(watch)) throw new Error(watch.reason);
    const take = (more: number): void => {
      takes = more;
      watch.drained();
    };
    return { lines, revisions, take, close: () => watch.close() };
  }
}

function describe({ snapshot, warming, agents }: WatchMessage): string {
  const shown = agents.map(({ registration: { agentId, incarnation }, state, freeSlots }) => {
    return `${agentId}/${incarnation}:${state}:${freeSlots}`;
  });
  return [...(snapshot ? ["snapshot"] : []), ...(warming ? ["warming"] : []), ...shown].join(" ");
}
