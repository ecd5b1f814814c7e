import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type DemoProcess, type DemoProcessOptions, startProcess } from "./process.ts";

export const cli = "services/cli/src/main.ts";
export const workflowFile = join(import.meta.dirname, "../../workflow.yaml");

/** The demo's `weft dev` and agents, on a data folder that is gone afterwards. */
export type DemoMesh = {
  readonly env: Readonly<Record<string, string>>;
  /** Starts a process that ends with the mesh. */
  start(options: Omit<DemoProcessOptions, "env">, env?: Readonly<Record<string, string>>): DemoProcess;
  /** Starts `weft dev`; resolves when it serves. */
  startDev(): Promise<DemoProcess>;
};

const readyMsMax = 30_000;

/** What the workflow's result names. */
export type Result = { readonly html: string; readonly markdown: string; readonly summary: string };

/** Runs `work` on a mesh of its own, and ends all that was started. */
export async function withMesh<T>(reportFolder: string, work: (mesh: DemoMesh) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), "weft-demo-"));
  const started: DemoProcess[] = [];
  const env = { WEFT_DIR: data, REPORT_FOLDER: reportFolder };
  const start: DemoMesh["start"] = (options, more) => {
    const child = startProcess({ ...options, env: { ...env, ...more } });
    started.push(child);
    return child;
  };
  const startDev = async (): Promise<DemoProcess> => {
    const dev = start({ name: "weft dev", script: cli, args: ["dev", "--data", data] });
    await ready(dev, () => hasPublished(join(data, "dev.json"), dev.pid));
    return dev;
  };
  try {
    return await work({ env, start, startDev });
  } finally {
    await Promise.all(started.reverse().map((child) => child.stop()));
    rmSync(data, { recursive: true, force: true });
  }
}

/** Waits until weft dev serves; says what it said when it does not. */
async function ready(dev: DemoProcess, isReady: () => boolean): Promise<void> {
  const deadline = performance.now() + readyMsMax;
  while (!isReady()) {
    if (dev.hasEnded()) throw new Error(`${dev.name} has ended: ${dev.stderr()}`);
    if (performance.now() > deadline) throw new Error(`weft dev does not serve after ${readyMsMax / 1000} s`);
    await pause(20);
  }
}

/** Whether this very process has written where it serves: one that was killed leaves its file behind. */
function hasPublished(file: string, pid: number): boolean {
  try {
    const dev = JSON.parse(readFileSync(file, "utf8")) as {
      readonly orchestrator?: string;
      readonly pid?: number;
    };
    return dev.pid === pid && dev.orchestrator !== undefined;
  } catch {
    return false;
  }
}

export function tellReport({ html, markdown, summary }: Result): void {
  const shown = (path: string): string => {
    const short = relative(process.cwd(), path);
    return short.startsWith("..") ? path : short;
  };
  say(`\n${summary}\n\nThe report: ${shown(html)}\n  and as text: ${shown(markdown)}`);
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
