import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A process that runs a service with the given methods. */
function run(start: string, stop: string): Child {
  const program = `
    import { runService } from ${JSON.stringify(import.meta.resolve("./lifecycle.ts"))};
    import { createLogger } from ${JSON.stringify(import.meta.resolve("./logger.ts"))};
    const alive = setInterval(() => {}, 1000);
    const service = { start: async () => { ${start} }, stop: async () => { ${stop} } };
    await runService("sample", () => ({ service, logger: createLogger("sample", "info") }));
  `;
  return spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** What it writes to standard error; `saw` resolves when that contains a text. */
function listen(child: Child): { saw(text: string): Promise<void>; all(): string } {
  let all = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    all += chunk;
  });
  return {
    all: () => all,
    async saw(text) {
      while (!all.includes(text)) await once(child.stderr, "data");
    },
  };
}

async function exitOf(child: Child): Promise<number | string> {
  const [code, signal] = await once(child, "close");
  return code ?? signal;
}

describe("a service as a process", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("stops on %s and exits with 0", async (signal) => {
    const child = run("return { port: 1 }", "console.error('letting go')");
    const output = listen(child);
    const exit = exitOf(child);
    await output.saw('"port":1');
    child.kill(signal);
    expect(await exit).toBe(0);
    expect(output.all()).toContain("letting go");
    expect(output.all()).toContain('"message":"stopped"');
  });

  it("ends at once on a second signal", async () => {
    const child = run("return {}", "await new Promise(() => {})");
    const output = listen(child);
    const exit = exitOf(child);
    await output.saw("started");
    child.kill("SIGTERM");
    await output.saw("stopping");
    child.kill("SIGTERM");
    expect(await exit).toBe(143);
  });

  it("tells why it can't start in plain lines, and exits with 1", async () => {
    const child = run("throw new Error('the port is taken')", "");
    const output = listen(child);
    expect(await exitOf(child)).toBe(1);
    expect(output.all()).toBe("sample: cannot start: the port is taken\n");
  });

  it("exits with 1 when stopping fails", async () => {
    const child = run("return {}", "throw new Error('the disk is full')");
    const output = listen(child);
    const exit = exitOf(child);
    await output.saw("started");
    child.kill("SIGTERM");
    expect(await exit).toBe(1);
    expect(output.all()).toContain("the disk is full");
  });
});
