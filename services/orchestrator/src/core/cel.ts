import { assertNever } from "./assert-never.ts";
import { bracketDepth } from "./cel-brackets.ts";
import { environment, startedMeter } from "./cel-environment.ts";
import { type CelResult, type CelValue, isCelError, plan } from "./cel-library.ts";
import { type Read, readExpression } from "./cel-reading.ts";
import { parseSyntax } from "./cel-syntax.ts";
import { bind, jsonValueOf } from "./cel-values.ts";
import { evaluationMessageLengthMax, expressionDepthMax, expressionReadsMax } from "./definition-limits.ts";
import type { Evaluation, Scope } from "./expression-scope.ts";
import { type Json, jsonOf, parsed } from "./json.ts";

/** An expression in CEL, checked and planned: evaluated many times. */
export type CelProgram = {
  /** What it reads, by the name that its plan has for it. */
  readonly reads: readonly (readonly [string, Read])[];
  /** Of one evaluation, without the turns of macros. */
  readonly cost: number;
  readonly run: (bindings: Record<string, CelValue>) => CelResult;
};

/** A program, or why the text is none, in words that follow the text. */
export type ParsedCel =
  | { readonly ok: true; readonly program: CelProgram }
  | { readonly ok: false; readonly message: string };

const nullJson = jsonOf(null);

/** Reads and checks an expression. Neither takes long, whatever the text. */
export function parseCel(source: string): ParsedCel {
  if (bracketDepth(source) > expressionDepthMax)
    return { ok: false, message: `has brackets within one another more than ${expressionDepthMax} deep` };
  const syntax = withoutStacks(() => parseSyntax(source));
  if (!syntax.ok) return syntax;
  const reading = readExpression(syntax.expression);
  if (!reading.ok) return reading;
  const run = plan(environment, reading.expression);
  return { ok: true, program: { reads: [...reading.reads], cost: reading.cost, run } };
}

/** The value of the program now; it costs at most `evaluationCostMax`, whatever the program and the data. */
export function evaluateCel(program: CelProgram, scope: Scope): Evaluation {
  return withoutStacks(() => {
    try {
      return evaluated(program, scope);
    } catch (error) {
      return failure(error instanceof Error ? error.message : String(error));
    }
  });
}

function evaluated({ reads, cost, run }: CelProgram, scope: Scope): Evaluation {
  const documents = reads.map(([, read]) => documentOf(read, scope));
  const length = documents.reduce((sum, { text }) => sum + text.length, 0);
  if (length > expressionReadsMax)
    return failure(`it reads ${length} characters of data; the limit is ${expressionReadsMax}`);
  const bindings = Object.fromEntries(
    reads.map(([name], index) => [name, bind(parsed(documents[index]!))] as const),
  );
  const meter = startedMeter();
  meter.charge(cost);
  const result = run(bindings);
  return isCelError(result)
    ? failure(result.message)
    : { ok: true, json: jsonOf(jsonValueOf(meter, result)) };
}

function documentOf(read: Read, scope: Scope): Json {
  switch (read.kind) {
    case "input":
    case "vars":
      return scope[read.kind];
    case "executionId":
      return jsonOf(scope.executionId);
    case "output":
      return scope.output(read.stepId) ?? nullJson;
    case "status":
      return jsonOf(scope.status(read.stepId));
    default:
      return assertNever(read);
  }
}

/** Of what the library says only the message leaves, and no more of that than anybody will read. */
function failure(message: string): Evaluation {
  const shown =
    message.length > evaluationMessageLengthMax
      ? `${message.slice(0, evaluationMessageLengthMax)}…`
      : message;
  return { ok: false, message: shown };
}

/** The library makes an Error of every value that is missing, and nobody sees their stacks. */
function withoutStacks<Result>(work: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
