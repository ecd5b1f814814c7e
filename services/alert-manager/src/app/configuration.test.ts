import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ReceiverConfig } from "../core/receiver-config.ts";
import { ReceiverBook, readConfiguration } from "./configuration.ts";
import { shippedRules } from "./story.fixture.ts";

const page = readFileSync(new URL("../../../../docs/reference/alerts.md", import.meta.url), "utf8");
const receivers = (document: string) => {
  const read = readConfiguration(document, shippedRules);
  return read.ok ? read.receivers.map(({ name }) => name) : read.problems;
};

describe("a document of rules and receivers", () => {
  it("may be empty, and is then the shipped rules, told to the log", () => {
    expect(receivers("")).toEqual(["default"]);
  });

  it("is on the reference page, whole", () => {
    const [, example = ""] = /^```yaml\n(.*?)^```/ms.exec(page) ?? [];
    expect(receivers(example)).toEqual(["default", "on-call", "incidents", "mail", "log"]);
  });

  it("has every mistake told with its line, of receivers and of rules alike", () => {
    const document = [
      "receivers:",
      "  - { name: chat, kind: slack, url: here }",
      "rules:",
      "  - { name: step-stuck, severity: loud }",
    ].join("\n");
    expect(receivers(document)).toMatchObject([
      { field: "receivers[0].url", line: 2 },
      { field: "rules[0].severity", line: 4 },
    ]);
  });

  it("must have the receivers that its escalations name", () => {
    const document =
      "receivers: [{ name: chat, kind: log }]\nescalations:\n  - { name: page, stages: [{ receivers: [pager] }] }";
    expect(receivers(document)).toMatchObject([
      {
        field: "escalations[0].stages[0].receivers",
        line: 3,
        message: expect.stringContaining("there are chat, default"),
      },
    ]);
  });

  it("is refused when it is no YAML", () => {
    expect(receivers("receivers: [")).toMatchObject([{ line: 1 }]);
  });
});

describe("the receivers in force", () => {
  it("are replaced in one map, which those who have it see", () => {
    const book = new ReceiverBook(({ name }) => ({ send: async () => ({ kind: "rejected", reason: name }) }));
    const { receivers: seen } = book;
    const log = (name: string): ReceiverConfig => ({ name, kind: "log" });
    book.replace([log("a"), log("b")]);
    book.replace([log("c")]);
    expect([...seen.keys()]).toEqual(["c"]);
    expect(book.configs).toEqual([log("c")]);
  });
});

describe("the metrics of the alert manager", () => {
  it("are all on the reference page", () => {
    const source = readFileSync(new URL("../metrics.ts", import.meta.url), "utf8");
    const names = [...source.matchAll(/name: "(weft_\w+)"/g)].map(([, name]) => name ?? "");
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(page).toContain(`| \`${name}\` |`);
  });
});
