import { type Clock, systemClock } from "@weft/runtime/clock";
import { runCli } from "../cli.ts";
import { readConfig } from "../config.ts";
import type { ExitCode } from "../exit-code.ts";
import { type TestScreen, testScreen } from "./test-terminal.ts";

export type TestWorldOptions = {
  /** host:port of every service; undefined: nobody named one. */
  readonly address?: string;
  readonly directory?: string;
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
  /** Standard error is a terminal of this size. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
};

/** A command line that runs in this process, on real services, with streams that remember. */
export type TestRun = {
  readonly exitCode: Promise<ExitCode>;
  readonly out: TestScreen;
  readonly err: TestScreen;
  /** Ctrl-C. Resolves once somebody listens to it. */
  readonly interrupt: () => void;
};

export function runLine(line: readonly string[], options: TestWorldOptions = {}): TestRun {
  const { address, directory = "/nowhere", clock = systemClock, env = {}, input = "", terminal } = options;
  const out = testScreen();
  const err = testScreen(terminal);
  const listeners = new Set<() => void>();
  const services =
    address === undefined ? {} : { WEFT_ORCHESTRATOR: address, WEFT_REGISTRY: address, WEFT_ALERTS: address };
  const exitCode = runCli(line, {
    out: out.screen,
    err: err.screen,
    config: readConfig({ ...services, ...env }),
    clock,
    directory,
    readInput: () => Promise.resolve(input),
    interrupts: {
      listen(run) {
        let count = 0;
        const listener = (): void => run(++count);
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  });
  return {
    exitCode,
    out,
    err,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
  };
}
