import { join } from "node:path";

export type DemoConfig = {
  /** Where the person who started the demo is: npm itself runs scripts in the root. */
  readonly startedFrom: string;
  /** This repository. */
  readonly root: string;
};

export function readConfig(): DemoConfig {
  return {
    startedFrom: process.env["INIT_CWD"] ?? process.cwd(),
    root: join(import.meta.dirname, "../../../.."),
  };
}
