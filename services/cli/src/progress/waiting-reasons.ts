import type { Clock } from "@weft/runtime/clock";
import type { Registry } from "../connection.ts";
import { waitingText } from "../render/waiting-text.ts";
import type { ExecutionView } from "./execution-view.ts";

/** A step that has waited for less is about to be taken: nobody is asked. */
const waitMsMin = 800;
const askEveryMs = 1_000;
/** Capabilities that are asked for at a time. */
const askedMax = 16;

type Ports = { readonly registry: () => Registry; readonly clock: Clock };

/**
 * Asks the registry, every second, about the capabilities that steps wait for. Says nothing while the
 * registry does not answer: it is a courtesy, and the step waits all the same. Returns how to stop.
 */
export function explainWaiting(
  view: ExecutionView,
  { registry, clock }: Ports,
  onReasons: (reasons: ReadonlyMap<string, string>) => void,
): () => void {
  let isOver = false;
  let cancelTimer = clock.after(askEveryMs, ask);
  function ask(): void {
    void reasonsFor(waitingCapabilities(view, clock.now()), registry)
      .then((reasons) => {
        if (!isOver && reasons.size > 0) onReasons(reasons);
      })
      .catch(() => {})
      .finally(() => {
        if (!isOver) cancelTimer = clock.after(askEveryMs, ask);
      });
  }
  return () => {
    isOver = true;
    cancelTimer();
  };
}

function waitingCapabilities({ steps }: ExecutionView, nowMs: number): readonly string[] {
  const waiting = [...steps.values()].filter(
    ({ state }) => state.status === "queued" && nowMs - state.sinceMs >= waitMsMin,
  );
  return [...new Set(waiting.map(({ capability }) => capability))].slice(0, askedMax);
}

async function reasonsFor(
  capabilities: readonly string[],
  registry: () => Registry,
): Promise<ReadonlyMap<string, string>> {
  const asked = capabilities.map(async (capability) => {
    const { agents } = await registry().call((client, options) =>
      client.listAgents({ filter: { capability }, pageSize: 1_000 }, options),
    );
    return [capability, waitingText(capability, agents)] as const;
  });
  return new Map(await Promise.all(asked));
}
