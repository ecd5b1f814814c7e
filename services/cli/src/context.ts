import type { Clock } from "@weft/runtime/clock";
import type { Config } from "./config.ts";
import type { Connection } from "./connection.ts";
import type { Interrupts } from "./terminal/interrupts.ts";
import type { Screen } from "./terminal/screen.ts";

/** What the process gives every command. */
export type World = {
  readonly out: Screen;
  readonly err: Screen;
  readonly config: Config;
  readonly clock: Clock;
  readonly interrupts: Interrupts;
  /** Where relative paths start and dev.json is sought. */
  readonly directory: string;
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
};

/** What a command works with: the world, and what the global options say. */
export type Context = World & {
  readonly connection: Connection;
  readonly form: "text" | "json";
  readonly namespace: string;
  readonly verbose: boolean;
};
