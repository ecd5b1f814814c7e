/** The part of vitest's JSON report that is read here. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: "passed" | "failed";
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** `broken`: something went wrong that is no proof that a test noticed the bug. */
export type Verdict =
  | { readonly kind: "killed"; readonly by: string }
  | { readonly kind: "survived" }
  | { readonly kind: "broken"; readonly why: string };

/** What code that does not hang together throws; a bug in a rule shows in what is asserted. */
const incoherent = /^(?:Error: )?(?:SyntaxError|ReferenceError|TypeError|Failed to (?:load|resolve))\b.*/;

/** Whether a test has noticed, by what it asserts. */
export function verdictOf({ testResults }: Report): Verdict {
  const unloaded = testResults.find(({ status, assertionResults }) => {
    return status === "failed" && assertionResults.every((test) => test.status !== "failed");
  });
  if (unloaded) return { kind: "broken", why: firstLine(unloaded.message) };
  const failures = testResults.flatMap(({ assertionResults }) => {
    return assertionResults.filter(({ status }) => status === "failed");
  });
  const [first] = failures;
  if (!first)
    return testResults.length > 0 ? { kind: "survived" } : { kind: "broken", why: "there are no such tests" };
  const told = failures.map(({ failureMessages }) => firstLine(failureMessages[0] ?? ""));
  const proof = told.findIndex((message) => !incoherent.test(message));
  return proof === -1
    ? { kind: "broken", why: told[0]! }
    : { kind: "killed", by: failures[proof]!.fullName.trim() };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
