import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { DiskGuard } from "./disk-guard.ts";
import { turn } from "./hand-store.fixture.ts";

const min = 1_000;

let clock: StepClock;
let free: number;
let looks: number;
let logged: string[];

beforeEach(() => {
  clock = new StepClock();
  free = 10_000;
  looks = 0;
  logged = [];
});

async function guard(diskFreeBytesMin = min): Promise<DiskGuard> {
  const say = (_: unknown, message: string): void => void logged.push(message);
  const made = new DiskGuard({
    freeBytes: async () => {
      looks += 1;
      if (free < 0) throw new Error("no such folder");
      return free;
    },
    diskFreeBytesMin,
    clock,
    logger: { debug: say, info: say, warn: say, error: say },
  });
  await made.start();
  return made;
}

async function passSeconds(seconds: number): Promise<void> {
  clock.advance(seconds * 1_000);
  await turn();
}

describe("the disk guard", () => {
  it("knows from the start whether there is room", async () => {
    free = 999;
    expect((await guard()).hasRoom()).toBe(false);
    free = 1_000;
    expect((await guard()).hasRoom()).toBe(true);
  });

  it("looks every five seconds", async () => {
    const disk = await guard();
    free = 999;
    await passSeconds(4.9);
    expect(disk.hasRoom()).toBe(true);
    await passSeconds(0.1);
    expect(disk.hasRoom()).toBe(false);
    await passSeconds(5);
    expect(looks).toBe(3);
  });

  it("takes room for granted again only when there is a quarter more, and says each change once", async () => {
    const disk = await guard();
    for (const [bytes, hasRoom] of [
      [999, false],
      [1_249, false],
      [1_250, true],
      [1_000, true],
      [999, false],
    ] as const) {
      free = bytes;
      await passSeconds(5);
      expect(disk.hasRoom()).toBe(hasRoom);
    }
    expect(logged).toEqual([
      "the disk is nearly full: starts are refused until there is room",
      "the disk has room again: starts are taken",
      "the disk is nearly full: starts are refused until there is room",
    ]);
  });

  it("looks at once when it is told to, and five seconds after that", async () => {
    const disk = await guard();
    await passSeconds(3);
    free = 0;
    await disk.look();
    expect(disk.hasRoom()).toBe(false);
    await passSeconds(4.9);
    expect(looks).toBe(2);
    await passSeconds(0.1);
    expect(looks).toBe(3);
  });

  it("keeps to what it knew when it can't look, and says so", async () => {
    const disk = await guard();
    free = -1;
    await passSeconds(5);
    expect(disk.hasRoom()).toBe(true);
    expect(logged).toEqual(["the free room on the disk cannot be read"]);
    free = 0;
    await passSeconds(5);
    expect(disk.hasRoom()).toBe(false);
  });

  it("with a minimum of 0 never looks", async () => {
    free = 0;
    const disk = await guard(0);
    await disk.look();
    expect([disk.hasRoom(), looks, clock.armed]).toEqual([true, 0, 0]);
  });

  it("does not look after it was stopped", async () => {
    const disk = await guard();
    disk.stop();
    await disk.look();
    expect([looks, clock.armed]).toEqual([1, 0]);
  });
});
