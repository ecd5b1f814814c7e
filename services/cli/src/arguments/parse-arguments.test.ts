import { describe, expect, it } from "vitest";
import { commands } from "../commands.ts";
import { plain } from "../render/paint.ts";
import { command, optional, required } from "./command.ts";
import { globalOptions } from "./global-options.ts";
import { flag, integer, labels, texts } from "./option.ts";
import { type Parsed, parseArguments } from "./parse-arguments.ts";

const brew = command({
  name: "brew",
  group: "Kitchen:",
  summary: "Make tea",
  details: "With milk.",
  arguments: { tea: required("which"), cupSize: optional("of the cup") },
  options: {
    sugarLumps: integer("count", "how sweet", { min: 0, max: 9 }),
    with: texts("thing", "what else", "w"),
    label: labels("on the cup"),
    hot: flag("really"),
  },
  examples: [["weft brew assam", "as it is"]],
  run: () => Promise.resolve(0),
});

function parse(...line: readonly string[]): {
  readonly parsed: Parsed;
  readonly out: string;
  readonly err: string;
} {
  const told = { out: "", err: "" };
  const program = {
    commands: [brew],
    options: globalOptions,
    version: "1",
    summary: "Tea.",
    epilogue: "Enjoy.",
  };
  const parsed = parseArguments(line, program, {
    writeOut: (text) => {
      told.out += text;
    },
    writeErr: (text) => {
      told.err += text;
    },
    paintOut: plain,
    paintErr: plain,
    columns: 80,
  });
  return { parsed, ...told };
}

function rawOf(...line: readonly string[]) {
  const { parsed } = parse(...line);
  return parsed.status === "run" ? parsed.raw : parsed;
}

describe("a command line", () => {
  it("gives the command its arguments and options, wherever they stand", () => {
    expect(
      rawOf(
        "-o",
        "json",
        "brew",
        "assam",
        "--sugar-lumps",
        "2",
        "--verbose",
        "-w",
        "milk",
        "--with",
        "honey",
      ),
    ).toEqual({
      arguments: ["assam", undefined],
      options: { output: "json", sugarLumps: "2", verbose: true, with: ["milk", "honey"], color: true },
    });
    expect(rawOf("brew", "assam", "big", "--no-color", "--label=a=b")).toMatchObject({
      arguments: ["assam", "big"],
      options: { color: false, label: ["a=b"] },
    });
  });

  it("suggests the nearest command and option", () => {
    expect(parse("brow")).toMatchObject({
      parsed: { status: "told", exitCode: 2 },
      err: "error: unknown command 'brow'\n(Did you mean brew?)\n--help shows how it is used\n",
    });
    expect(parse("brew", "assam", "--sugar-lump", "1").err).toContain("(Did you mean --sugar-lumps?)");
  });

  it("is refused when something is missing or too much", () => {
    for (const line of [["brew"], ["brew", "a", "b", "c"], ["brew", "a", "--with"], []])
      expect(parse(...line).parsed).toEqual({ status: "told", exitCode: 2 });
  });

  it("may ask for help", () => {
    const first = parse("--help");
    expect(first.parsed).toEqual({ status: "told", exitCode: 0 });
    expect(first.out).toMatch(
      /Kitchen:\n {2}brew <tea> \[cup-size\] +Make tea\n\nOptions:[\s\S]*\n\nEnjoy\.\n$/,
    );
    const page = parse("brew", "--help").out;
    expect(page).toContain("Usage: weft brew [options] <tea> [cup-size]\n\nMake tea\n\nWith milk.\n");
    expect(page).toContain("--sugar-lumps <count>");
    expect(page).toMatch(/\n\nExamples:\n {2}weft brew assam {2}as it is\n$/);
    expect(parse("help", "brew").out).toBe(page);
  });
});

describe("every command of weft", () => {
  it("explains itself: what it takes, with examples that begin with its name", () => {
    for (const { name, arguments: given, options, examples, summary } of commands) {
      expect(examples.length).toBeGreaterThan(0);
      for (const [line, does] of examples)
        expect([line.startsWith(`weft ${name}`), does.length > 0]).toEqual([true, true]);
      expect(summary.length).toBeLessThanOrEqual(50);
      for (const { help } of [...Object.values(given), ...Object.values(options)]) expect(help).not.toBe("");
    }
  });

  it("has no option that a global one hides", () => {
    for (const { options } of commands)
      expect(Object.keys(options).filter((name) => name in globalOptions)).toEqual([]);
  });
});
