import { type Problem, rules, type Severity } from "../check/findings.ts";
import { formatNumber } from "../numbers.ts";
import { checkedSentence, type ProblemGroup, placeOf, problemGroups, type ReportContent } from "./content.ts";
import { breakable, type Markup, markup, nothing } from "./markup.ts";

/** Problems seen at once in a group, and those that unfold; the work folder has all. */
const shownMax = 6;
const listedMax = 200;

const severityNames: Readonly<Record<Severity, string>> = {
  error: "Error",
  warning: "Warning",
  note: "Note",
};

/** What the checks found, by rule, worst first. */
export function problemSection(content: ReportContent): Markup {
  const groups = problemGroups(content.findings).map(groupOf);
  const { dropped } = content.findings;
  const more = dropped === 0 ? nothing : markup`<p>${formatNumber(dropped)} more were counted, not kept.</p>`;
  return markup`<section id="problems">
<div><h2>Problems</h2><p class="about">${checkedSentence(content)}</p></div>
<div>${groups.length === 0 ? markup`<p>None.</p>` : groups}${more}</div>
</section>`;
}

function groupOf({ rule, severity, problems }: ProblemGroup): Markup {
  const rest = problems.slice(shownMax, listedMax);
  const beyond = problems.length - Math.min(problems.length, listedMax);
  const count =
    problems.length === 1 ? nothing : markup`<span class="count">${formatNumber(problems.length)}</span>`;
  const unlisted =
    beyond === 0
      ? nothing
      : markup`<p class="about">${formatNumber(beyond)} more are in work/findings.json.</p>`;
  return markup`<h3><span class="severity ${severity}">${severityNames[severity]}</span> ${rules[rule]} ${count}</h3>
${list(problems.slice(0, shownMax))}
${rest.length === 0 ? nothing : markup`<details><summary>${formatNumber(rest.length)} more</summary>${list(rest)}${unlisted}</details>`}`;
}

function list(problems: readonly Problem[]): Markup {
  const items = problems.map((problem) => {
    const place = placeOf(problem);
    const where = place === null ? nothing : markup`<code class="place">${breakable(place)}</code>`;
    return markup`<li>${where}<span>${messageOf(problem.message)}</span></li>\n`;
  });
  return markup`<ul class="problems">${items}</ul>`;
}

/** A message, its names in backticks set as code. */
function messageOf(message: string): Markup {
  const parts = message.split("`");
  return markup`${parts.map((part, index) => (index % 2 === 0 ? markup`${part}` : markup`<code>${breakable(part)}</code>`))}`;
}
