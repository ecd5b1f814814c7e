import { once } from "node:events";
import { createServer } from "node:net";
import { CommandError } from "../command-error.ts";
import { origins, type Peer } from "../target.ts";

/** A port to serve on, and why this one. */
export type PortChoice = {
  readonly service: Peer["service"];
  /** 0: any that is free. */
  readonly port: number;
  /** Where it comes from: "--port", or "kept in .weft/dev.json". */
  readonly origin: string;
  /** The option that changes it. */
  readonly option: string;
};

export const loopback = "127.0.0.1";

/** Rejects with a `CommandError` that says what to do when another program has the port. */
export async function mustBeFree({ service, port, origin, option }: PortChoice): Promise<void> {
  if (port === 0 || (await isFree(port))) return;
  throw new CommandError(
    `the ${origins[service].title}'s port ${port} (${origin}) is taken by another program`,
    [
      `stop that program; it listens on ${loopback}:${port}`,
      `or take another port, which is then kept: weft dev ${option} N (0: any that is free)`,
    ],
  );
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, loopback);
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
