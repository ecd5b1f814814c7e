import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { holdDataFolder } from "./data-folder.ts";
import { processStart } from "./process-identity.ts";

const addresses = { orchestrator: "127.0.0.1:1111", registry: "127.0.0.1:2222", alerts: "127.0.0.1:3" };

function newFolder(): string {
  const top = mkdtempSync(join(tmpdir(), "weft-folder-"));
  onTestFinished(() => rmSync(top, { recursive: true }));
  return join(top, ".weft");
}

function devFile(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, "dev.json"), "utf8"));
}

/** A folder as another process would have left it, or holds it. */
function heldBy(pid: number, start: string | undefined): string {
  const folder = newFolder();
  const held = holdDataFolder(folder);
  held.publish(addresses);
  held.release();
  writeFileSync(join(folder, "dev.lock"), JSON.stringify({ pid, processStart: start }));
  return folder;
}

/** The pid of a process that runs until the test ends. */
async function anotherProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log('up')"]);
  onTestFinished(() => void child.kill());
  await once(child.stdout, "data");
  return child.pid ?? 0;
}

describe("the data folder", () => {
  it("is its owner's alone, and nothing in it is committed", () => {
    const folder = newFolder();
    holdDataFolder(folder).publish(addresses);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "dev.json")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("*\n");
    expect(readdirSync(folder).sort()).toEqual([".gitignore", "dev.json", "dev.lock"]);
  });

  it("keeps the token and the addresses for the next start, and says who serves there", () => {
    const folder = newFolder();
    const first = holdDataFolder(folder);
    expect(first.kept.token).toMatch(/^[\w-]{43}$/);
    first.publish(addresses);
    expect(devFile(folder)).toEqual({ token: first.kept.token, ...addresses, pid: process.pid });
    first.release();
    expect(devFile(folder)).toEqual({ token: first.kept.token, ...addresses });
    expect(holdDataFolder(folder).kept).toMatchObject({ token: first.kept.token, ...addresses });
  });

  it("is refused while another process holds it", async () => {
    const pid = await anotherProcess();
    const folder = heldBy(pid, processStart(pid));
    expect(() => holdDataFolder(folder)).toThrowError(
      `\`weft dev\` is already running with ${folder} (process ${pid}, orchestrator at 127.0.0.1:1111)`,
    );
  });

  it("is taken over from a process that is gone, though its pid may live on in another", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    expect(holdDataFolder(heldBy(gone.pid ?? 0, undefined)).kept.orchestrator).toBe("127.0.0.1:1111");
    const reused = heldBy(await anotherProcess(), "an older boot/1");
    expect(holdDataFolder(reused).kept.orchestrator).toBe("127.0.0.1:1111");
  });

  it("is taken over when its lock can't be read", () => {
    const folder = heldBy(process.pid, undefined);
    writeFileSync(join(folder, "dev.lock"), "");
    expect(holdDataFolder(folder).kept.orchestrator).toBe("127.0.0.1:1111");
  });

  it("may be deleted while it is held", () => {
    const folder = newFolder();
    const held = holdDataFolder(folder);
    held.publish(addresses);
    rmSync(folder, { recursive: true });
    expect(held.release).not.toThrow();
  });

  it("must be a folder that can be made", () => {
    const folder = newFolder();
    writeFileSync(folder, "a file");
    expect(() => holdDataFolder(folder)).toThrowError(/the data folder .* can't be written: EEXIST/);
  });
});
