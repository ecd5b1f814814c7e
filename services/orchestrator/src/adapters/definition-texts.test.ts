import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkText } from "../app/definition-source.ts";
import { turn } from "../app/hand-store.fixture.ts";
import { defaultDefinitionLimits } from "../core/limits.ts";
import { parseDocument } from "./definition-document.ts";
import { DefinitionTexts, lengthInPlaceMax, lengthWaitingMax } from "./definition-texts.ts";

const limits = { ...defaultDefinitionLimits, stepsMax: 200 };

function opened(start?: () => Worker): DefinitionTexts {
  const texts = new DefinitionTexts(limits, start);
  onTestFinished(() => texts.close());
  return texts;
}

/** A definition of so many steps, each of which waits for the one before. */
function yamlOf(steps: number, more = ""): string {
  const lines = Array.from(
    { length: steps },
    (_, at) =>
      `  - { id: s${at}, capability: "a.b"${at > 0 ? `, dependsOn: [s${at - 1}, s${at - 1}]` : ""} }\n`,
  );
  return `workflow: w\nversion: 1\nsteps:\n${lines.join("")}${more}`;
}

const noWorker = (): never => {
  throw new Error("a short text needs no worker");
};

describe("the text of a definition", () => {
  it.each([
    ["sound", yamlOf(100)],
    ["a cycle", yamlOf(100, "  - { id: z, capability: a, dependsOn: [z] }\n")],
    ["full of mistakes", yamlOf(100, "  - { id: s1, kapability: a }\noutptu: 1\n")],
    ["no YAML", yamlOf(100, "  - [\n")],
    ["beyond a limit that is set", yamlOf(201)],
    ["JSON", JSON.stringify({ workflow: "w", steps: "x".repeat(lengthInPlaceMax) }, null, 1)],
  ])("comes to the same on another thread when it is %s", async (_, text) => {
    expect(text.length).toBeGreaterThan(lengthInPlaceMax);
    const here = checkText(text, parseDocument, limits);
    expect(await opened().check(text)).toEqual(here);
  });

  it("is checked in place when it is short", async () => {
    const short = "a: [".padEnd(lengthInPlaceMax);
    expect(await opened(noWorker).check(short)).toEqual(checkText(short, parseDocument, limits));
    await expect(opened(noWorker).check(`${short} `)).rejects.toThrow("needs no worker");
  });

  it("holds up nobody when it is long", async () => {
    const order: string[] = [];
    const checked = opened()
      .check("- ".repeat(100_000))
      .then(() => order.push("checked"));
    await turn();
    order.push("a turn");
    await checked;
    expect(order).toEqual(["a turn", "checked"]);
  });

  describe("that finds too much waiting", () => {
    /** Two do not fit; each is refused by its size alone, which takes no time. */
    const half = " ".repeat(lengthWaitingMax / 2 + 1);
    const refused = {
      reason: "TOO_MANY_DEFINITIONS",
      message: expect.stringContaining(`${lengthWaitingMax} characters`),
      retryAfterMs: 1_000,
    };

    it("is refused until there is room again; a short one is not", async () => {
      const texts = opened();
      const first = texts.check(half);
      expect(await texts.check(half)).toMatchObject(refused);
      expect(await texts.check("a: [")).toMatchObject({ problems: [{}] });
      expect(await first).toMatchObject({ problems: [{}], warnings: [] });
      expect(await texts.check(half)).toMatchObject({ problems: [{}], warnings: [] });
    });

    it("finds room when those that waited were lost with their thread", async () => {
      const silent = new Worker("setInterval(() => {}, 60_000)", { eval: true });
      const starts = [() => silent];
      const worker = () => new Worker(new URL("./definition-worker.ts", import.meta.url));
      const texts = opened(() => (starts.shift() ?? worker)());
      const lost = texts.check(half);
      expect(await texts.check(half)).toMatchObject(refused);
      await Promise.all([
        expect(lost).rejects.toThrow("the reader of definitions stopped"),
        silent.terminate(),
      ]);
      expect(await texts.check(half)).toMatchObject({ problems: [{}], warnings: [] });
    });

    it("fits with as much as a message holds", async () => {
      const texts = opened();
      const quarter = " ".repeat(lengthWaitingMax / 4);
      const checked = await Promise.all(
        [quarter, quarter, quarter, quarter].map((text) => texts.check(text)),
      );
      for (const outcome of checked) expect(outcome).toMatchObject({ problems: [{}], warnings: [] });
    });
  });

  it("that ends its thread is an error, and the next one gets another", async () => {
    const starts = [() => new Worker("process.exit(3)", { eval: true })];
    const worker = () => new Worker(new URL("./definition-worker.ts", import.meta.url));
    const texts = opened(() => (starts.shift() ?? worker)());
    await expect(texts.check(yamlOf(100))).rejects.toThrow("the reader of definitions stopped with code 3");
    expect((await texts.check(yamlOf(100))).problems).toEqual([]);
  });
});
