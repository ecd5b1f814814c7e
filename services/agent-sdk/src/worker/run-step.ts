import type { Capability } from "../capability.ts";
import type { StepContext } from "../context.ts";
import { isLater } from "../later.ts";
import { type Checked, check } from "../schema.ts";
import { type FailureCode, failed, later, type Outcome, succeeded } from "./core/outcome.ts";
import { outcomeOfError } from "./outcome-of-error.ts";

export type Step = {
  readonly name: string;
  readonly capability: Capability;
  /** UTF-8 JSON text. */
  readonly input: Uint8Array;
  readonly context: StepContext;
  /** Of the output, as JSON. */
  readonly payloadBytesMax: number;
};

/**
 * Checks the input, runs the handler, checks and encodes the output. A promise only if the handler or a
 * schema answers with one: a turn through the microtask queue for each stage would double the cost of a
 * small step. Never rejects.
 */
export function runStep(step: Step): Outcome | Promise<Outcome> {
  try {
    const outcome = checkInputAndRun(step);
    if (!isPromise(outcome)) return outcome;
    return Promise.resolve(outcome).catch((error: unknown) => outcomeOfError(error, step.context));
  } catch (error) {
    return outcomeOfError(error, step.context);
  }
}

function checkInputAndRun(step: Step): Outcome | PromiseLike<Outcome> {
  const input = parse(step.input);
  if (input === undefined) return refuseInput(step, "it is not JSON");
  return chain(check(step.capability.input, input.value), (checked) => run(step, checked));
}

function run(step: Step, checked: Checked): Outcome | PromiseLike<Outcome> {
  if (checked.status === "invalid") return refuseInput(step, checked.problems);
  // It may have been cancelled while its input was checked.
  step.context.signal.throwIfAborted();
  return chain(step.capability.run(checked.value, step.context), (output) =>
    isLater(output) ? later : chain(check(step.capability.output, output), (result) => encode(step, result)),
  );
}

function encode(step: Step, checked: Checked): Outcome {
  if (checked.status === "invalid")
    return refuse(step, "INTERNAL", "OUTPUT_INVALID", `the output does not fit: ${checked.problems}`);
  const text = stringify(checked.value ?? null);
  if (text.status === "unfit")
    return refuse(step, "INTERNAL", "OUTPUT_INVALID", `the output can't be written as JSON: ${text.why}`);
  const output = Buffer.from(text.json);
  const { payloadBytesMax } = step;
  if (output.byteLength <= payloadBytesMax) return succeeded(output);
  const problem = `the output has ${output.byteLength} bytes, more than payloadBytesMax (${payloadBytesMax}); pass large data by reference`;
  return refuse(step, "OUT_OF_RANGE", "PAYLOAD_TOO_LARGE", problem);
}

function refuseInput(step: Step, problems: string): Outcome {
  return refuse(step, "INVALID_ARGUMENT", "INPUT_INVALID", `the input does not fit: ${problems}`);
}

/** The same input and the same code would fail the same way, so it is never tried again. */
function refuse({ name }: Step, code: FailureCode, reason: string, problem: string): Outcome {
  return failed({ code, message: `${name}: ${problem}`, retryable: false, reason });
}

function parse(input: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString();
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

type Text =
  | { readonly status: "json"; readonly json: string }
  | { readonly status: "unfit"; readonly why: string };

function stringify(value: unknown): Text {
  try {
    const json: string | undefined = JSON.stringify(value);
    return json === undefined
      ? { status: "unfit", why: `it is a ${typeof value}` }
      : { status: "json", json };
  } catch (error) {
    return { status: "unfit", why: error instanceof Error ? error.message : String(error) };
  }
}

function chain<T, U>(value: T | PromiseLike<T>, next: (value: T) => U | PromiseLike<U>): U | PromiseLike<U> {
  return isPromise(value) ? value.then(next) : next(value);
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
