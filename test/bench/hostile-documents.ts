/** A text that is made to hurt whoever reads it. */
export type HostileDocument = { readonly name: string; readonly text: string };

/** Texts as long as a reader takes them: YAML in one size, JSON in another. */
export function hostileDocuments(yamlLength: number, jsonLength: number): readonly HostileDocument[] {
  return [
    ...Object.entries(repeated).map(([name, unit]) => ({ name, text: fill("", () => unit, "", yamlLength) })),
    ...Object.entries(inList).map(([name, unit]) => ({
      name,
      text: fill("[", () => unit, "1]", yamlLength),
    })),
    ...nested(yamlLength),
    ...definitions(yamlLength).map(({ name, text }) => ({ name: `${name}, short`, text })),
    ...definitions(jsonLength),
  ];
}

const repeated: Readonly<Record<string, string>> = {
  "items of one letter": "- 1\n",
  "empty items": "-\n",
  "items of maps": "- a: 1\n",
  "maps without a value": "- ? a\n",
  "one key, again and again": "a: 1\n",
  "keys without a name": "?\n",
  colons: ":\n",
  comments: "#\n",
  documents: "---\n",
  directives: "%A\n",
  "closing brackets": "]",
  "open brackets": "[",
  "open braces": "{",
  "lists in lists": "- ",
  "implicit keys": "a: b: c\n",
  anchors: "& ",
  aliases: "* ",
  tags: "! ",
  "open quotes": '"a\n',
  "carriage returns": "a:\r\n",
};

const inList: Readonly<Record<string, string>> = {
  numbers: "1,",
  "hexadecimal numbers": "0x1,",
  "empty lists": "[],",
  "empty maps": "{},",
  "keys without a value": "a:,",
  strings: '"",',
  "nothing but commas": ",",
  "aliases of one": "*a,",
  "anchors of one": "&a 1,",
  "unknown tags": "!a 1,",
  "commented items": "#\n1,",
  "reserved characters": "`,",
};

function nested(length: number): readonly HostileDocument[] {
  const half = Math.floor(length / 2);
  return [
    { name: "brackets, closed", text: "[".repeat(half) + "]".repeat(half) },
    { name: "lines that go ever deeper", text: fill("", (at) => `${" ".repeat(at)}a:\n`, "", length) },
    { name: "a folded text", text: fill("k: >\n", () => " a\n", "", length) },
    { name: "a text with a bad end", text: fill("k: |\n ", () => "a\n", "", length) },
    { name: "keys of a flow map", text: fill("{", (at) => `${at.toString(36)},`, "z}", length) },
  ];
}

/** Most of them sound: what passes the reader is checked, and taken into use. */
function definitions(length: number): readonly HostileDocument[] {
  const head = '{"workflow":"w","version":1,"steps":[';
  const withSteps = (step: (at: number) => object) =>
    `${fill(head, (at) => (at < 10_000 ? `${JSON.stringify(step(at))},` : ""), "", length - 99).slice(0, -1)}]}`;
  const inOutput = (value: (at: number) => string) =>
    fill(`${head}{"id":"a","capability":"a"}],"output":[`, (at) => `${value(at)},`, "1]}", length);
  const step = (at: number) => ({ id: `s${at}`, capability: "a.b" });
  return [
    { name: "steps", text: withSteps(step) },
    {
      name: "a chain of steps",
      text: withSteps((at) => ({ ...step(at), dependsOn: at ? [`s${at - 1}`] : [] })),
    },
    { name: "steps with paths", text: withSteps((at) => ({ ...step(at), with: `\${input.a${at}.b}` })) },
    {
      name: "steps with expressions",
      text: withSteps((at) => ({ ...step(at), with: `\${input.a + ${at} > 3}` })),
    },
    {
      name: "steps that read no step",
      text: withSteps((at) => ({ ...step(at), with: `\${steps.t${at}.output}` })),
    },
    { name: "one template of numbers", text: inOutput(() => "1") },
    { name: "one template of paths", text: inOutput(() => '"${input}"') },
    { name: "one template of expressions", text: inOutput((at) => `"\${input.a + ${at}}"`) },
  ];
}

function fill(head: string, unit: (at: number) => string, tail: string, length: number): string {
  const units: string[] = [head];
  let left = length - head.length - tail.length;
  for (let at = 0; ; at++) {
    const next = unit(at);
    left -= next.length;
    if (left < 0 || next === "") return units.join("") + tail;
    units.push(next);
  }
}
