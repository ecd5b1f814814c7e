import { readFile } from "node:fs/promises";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";

/** The rules that are shipped. */
export function readShippedRules(): Promise<string> {
  return readFile(new URL("../../rules/default.yaml", import.meta.url), "utf8");
}

type Options = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
};

/**
 * Looks at a file again and again, and hands its text over whenever that is another one. By its content, not by its
 * time: a mounted Kubernetes ConfigMap changes by a link that moves. A file that can't be read is as it was.
 */
export function watchRuleFile(
  path: string,
  known: string,
  { clock, logger, everyMs }: Options,
  onChange: (text: string) => Promise<unknown>,
): { stop(): void } {
  let cancel: CancelTimer;
  let text = known;
  let isStopped = false;
  let isUnreadable = false;
  const look = async (): Promise<void> => {
    try {
      const now = await readFile(path, "utf8");
      isUnreadable = false;
      if (now !== text && !isStopped) {
        await onChange(now);
        text = now;
      }
    } catch (err) {
      if (!isUnreadable)
        logger.error({ err, path }, "the rules can't be reloaded; those before stay in force");
      isUnreadable = true;
    }
    if (!isStopped) cancel = clock.after(everyMs, () => void look());
  };
  cancel = clock.after(everyMs, () => void look());
  return {
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
