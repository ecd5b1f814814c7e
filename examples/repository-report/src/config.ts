import { resolve } from "node:path";

/** What the agents of this example are told by their environment. */
export interface Config {
  /** Where reports and notifications go. The agents share it: files travel between steps by path. */
  readonly reportFolder: string;
}

/** Reads the environment: `REPORT_FOLDER`, by default `report` in the folder the agent was started from. */
export function readConfig(): Config {
  return { reportFolder: resolve(process.env["REPORT_FOLDER"] ?? "report") };
}
