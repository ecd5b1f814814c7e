import { constants } from "node:os";
import type { Logger } from "./logger.ts";

/** Something that runs until it is stopped. */
export type Service = {
  /** Resolves when it serves, with what an operator wants to know of it. */
  start(): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves when it has let go of everything. */
  stop(): Promise<void>;
};

/** Longer than any service's own grace: reaching it means that something hangs. */
const stopMsMax = 60_000;

/**
 * Runs a service as this process. SIGTERM and SIGINT stop it; a second signal, or a stop that hangs, ends the
 * process at once. A failed start is told in plain lines on standard error, without a stack, and exits with 1.
 */
export async function runService(
  name: string,
  open: () => { readonly service: Service; readonly logger: Logger },
): Promise<void> {
  const { service, logger } = attempt(name, open);
  const starting = service.start();
  stopOnSignal(service, starting, logger);
  try {
    logger.info(await starting, "started");
  } catch (error) {
    exitUnstarted(name, error);
  }
}

function attempt<T>(name: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    return exitUnstarted(name, error);
  }
}

function exitUnstarted(name: string, error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split("\n")) process.stderr.write(`${name}: cannot start: ${line}\n`);
  process.exit(1);
}

function stopOnSignal(service: Service, starting: Promise<unknown>, logger: Logger): void {
  let stopping = false;
  const onSignal = (signal: "SIGTERM" | "SIGINT"): void => {
    if (stopping) process.exit(128 + constants.signals[signal]);
    stopping = true;
    logger.info({ signal }, "stopping");
    setTimeout(() => {
      logger.error({ stopMsMax }, "stopping hangs; leaving");
      process.exit(1);
    }, stopMsMax);
    starting
      .then(() => service.stop())
      .then(
        () => {
          logger.info({}, "stopped");
          process.exit(0);
        },
        (error: unknown) => {
          logger.error({ err: error }, "stopping failed");
          process.exit(1);
        },
      );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}
