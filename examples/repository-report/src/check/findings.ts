import { z } from "zod";

/** How bad it is: broken for readers, worth mending, worth knowing. */
export const severities = ["error", "warning", "note"] as const;
export type Severity = (typeof severities)[number];

/** What was broken, and what a group of such problems is called; the order is that of the report. */
export const rules = {
  "conflict-marker": "Merge conflicts left in files",
  "private-key": "Private keys",
  "broken-link": "Broken links",
  "broken-image": "Missing images",
  "broken-anchor": "Links to missing headings",
  "missing-readme": "No README",
  "missing-licence": "No licence",
  "oversized-file": "Oversized files",
  "case-clash": "Names that differ only by case",
  "ignored-target": "Links to files that git ignores",
  "outside-target": "Links that lead out of the repository",
  "long-file": "Very long source files",
  "mixed-line-endings": "Mixed line endings",
} as const;
export type Rule = keyof typeof rules;

const problem = z.object({
  rule: z.enum(Object.keys(rules) as [Rule, ...Rule[]]),
  severity: z.enum(severities),
  path: z.string().nullable(),
  line: z.int().positive().nullable(),
  message: z.string(),
});

const count = z.int().nonnegative();

/** What `repo.check` leaves for `repo.report`. */
export const findingsSchema = z.object({
  problems: z.array(problem),
  counts: z.object({ error: count, warning: count, note: count }),
  /** Problems found beyond `problemsMax`: counted, not kept. */
  dropped: count,
  /** What was looked at. */
  checked: z.object({ textFiles: count, markdownFiles: count, links: count }),
  /** Text files too large to read, or gone since they were collected. */
  unchecked: count,
});

export type Problem = z.infer<typeof problem>;
export type Findings = z.infer<typeof findingsSchema>;

/** A name within a message, in backticks: reports set it as code. */
export function quoted(name: string): string {
  return `\`${name.replaceAll("`", "'")}\``;
}
