import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatDuration } from "../core/duration.ts";
import { signalTerms } from "../core/signal-terms.ts";
import { readRules } from "./rule-text.ts";
import { shippedRules } from "./story.fixture.ts";

const page = readFileSync(`${import.meta.dirname}/../../../../docs/reference/alert-rules.md`, "utf8");

function shipped() {
  const read = readRules("{}", shippedRules, new Set(["default"]));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.rules.rules;
}

describe("the page on alert rules", () => {
  it("has every shipped rule, as it is", () => {
    const rows = shipped().map(({ name, severity, forMs, keepFiringForMs, escalation }) => {
      return `| \`${name}\` | ${severity} | ${formatDuration(forMs)} | ${formatDuration(keepFiringForMs)} | ${escalation} |`;
    });
    expect(page.match(/^\| `[a-z-]+` \| (?:info|warning|critical) \|.*$/gm)).toEqual(rows);
  });

  it("says of each what to do, where its runbook points", () => {
    for (const { name, runbook } of shipped()) {
      expect(runbook).toBe(`docs/reference/alert-rules.md#${name}`);
      expect(page).toContain(`<a id="${name}"></a>**${name}**: `);
    }
  });

  it("has every kind of signal, with its labels and annotations", () => {
    for (const [kind, { labels, annotations }] of Object.entries(signalTerms)) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${kind}\` |`)) ?? kind;
      const [said = "", told = ""] = row.split("|").slice(-3);
      const known = said.replace("workflow or capability", "workflow, capability").split(",");
      expect([kind, known.map((label) => label.trim())]).toEqual([kind, labels]);
      expect([kind, told.split(",").map((name) => name.trim())]).toEqual([kind, annotations]);
    }
  });

  it("has examples that are good", () => {
    const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text!);
    expect(examples).toHaveLength(1);
    expect(readRules(examples[0]!, shippedRules, new Set(["default"]))).toMatchObject({ ok: true });
  });
});
