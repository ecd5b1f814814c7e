import { expect, test } from "vitest";
import { markdownLinks } from "../check/markdown-links.ts";
import type { ReportContent } from "./content.ts";
import { markdownReport } from "./markdown.ts";
import { htmlReport } from "./page.ts";

const content: ReportContent = {
  execution: "0-abc",
  header: {
    record: "snapshot",
    version: 1,
    name: "a_b [c]",
    root: "/a",
    head: { branch: "feature/*", commit: "0123456789abcdef0123456789abcdef01234567" },
    collectedAt: "2026-01-02T03:04:05Z",
  },
  end: { record: "end", files: 2, symlinks: 1, folders: 1, ignored: 3, unreadable: 0 },
  measures: {
    totals: { files: 2, bytes: 2_000, lines: 30 },
    languages: [
      { language: "C#", files: 1, bytes: 1_000, lines: 20 },
      { language: "Markdown", files: 1, bytes: 1_000, lines: 10 },
    ],
    kinds: [{ kind: "code", files: 2, bytes: 2_000, lines: 30 }],
    folders: [],
    biggest: [{ path: "a|b`c.cs", bytes: 1_000, kind: "code" }],
    longest: [{ path: "a|b`c.cs", lines: 20, language: "C#" }],
    uncounted: 0,
  },
  findings: {
    problems: [
      { rule: "broken-link", severity: "error", path: "x y.md", line: 3, message: "`[z](q)` does not exist" },
      { rule: "missing-licence", severity: "warning", path: null, line: null, message: "Without *one*." },
    ],
    counts: { error: 1, warning: 1, note: 0 },
    dropped: 7,
    checked: { textFiles: 2, markdownFiles: 1, links: 1 },
    unchecked: 0,
  },
};

test("tells everything, names escaped so that they read as they are", () => {
  const text = markdownReport(content, [{ href: "charts/kinds.svg", alt: "Lines [all]" }]);
  expect(text).toContain("# a\\_b \\[c\\]\n\nfeature/\\* · `0123456` · 2 January 2026, 03:04 UTC\n");
  expect(text).toContain(
    "2 files hold 30 lines. Of what people wrote, 67% is C\\#. The checks found 1 error and 1 warning.",
  );
  expect(text).toContain("### Broken links (error)\n\n- `x y.md:3`: `[z](q)` does not exist\n");
  expect(text).toContain("- Without \\*one\\*.");
  expect(text).toContain("7 more were counted, not kept.");
  expect(text).toContain("| C\\# | 1 | 20 | 67% |");
  expect(text).toContain("| `` a\\|b`c.cs `` | 1 kB |");
});

test("the only links are its charts", () => {
  const links = markdownLinks(markdownReport(content, [{ href: "charts/kinds.svg", alt: "Lines [all]" }]));
  expect(links.map((link) => link.target)).toEqual(["charts/kinds.svg"]);
});

test("the page tells the same", () => {
  const page = htmlReport(content);
  expect(page).toContain("<h1>a_b [c]</h1>");
  expect(page).toContain("feature/* · <code>0123456</code> · <time");
  expect(page).toContain("Of what people wrote, 67% is C#.");
  expect(page).toContain("<code>[z](q)</code> does not exist");
  expect(page).toContain("left out 3 by .gitignore, passed 1 symbolic link");
});

test("the page needs nothing from elsewhere", () => {
  expect(htmlReport(content)).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
});
