import { Code, type RpcError } from "@weft/runtime/grpc";
import { CallError } from "../call-error.ts";
import { CommandError } from "../command-error.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "../exit-code.ts";
import { origins, type Peer } from "../target.ts";
import { enumName } from "./enum-name.ts";
import { type Line, lineOf, spanOf } from "./line.ts";
import { durationText } from "./time.ts";

/** What went wrong, what to do about it, and how the process ends. */
export type ErrorReport = {
  readonly message: string;
  /** Mistakes in single fields. */
  readonly violations: readonly { readonly field: string; readonly description: string }[];
  readonly hints: readonly string[];
  readonly exitCode: ExitCode;
};

/** Any error that ends a command, for people. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CallError) return callReport(error);
  if (error instanceof CommandError)
    return { message: error.message, violations: [], hints: error.hints, exitCode: error.exitCode };
  const message = error instanceof Error ? error.message : String(error);
  const isConfig = error instanceof Error && error.name === "ConfigError";
  return isConfig
    ? { message, violations: [], hints: [], exitCode: exitCodes.invalid }
    : {
        message: `unexpected: ${message}`,
        violations: [],
        hints: ["--verbose shows where"],
        exitCode: exitCodes.other,
      };
}

/** The message, then each mistake on a line of its own, then what to do. */
export function errorLines({ message, violations, hints }: ErrorReport): readonly Line[] {
  const [first = "", ...others] = message.split("\n");
  return [
    [spanOf("error", ["red", "bold"]), spanOf(`: ${first}`)],
    ...others.map((line) => lineOf(`  ${line}`)),
    ...violations.map(({ field, description }) => [
      { text: "  " },
      spanOf(field || "(the whole)", "bold"),
      spanOf(`: ${description}`),
    ]),
    ...hints.map((hint) => [spanOf("  → ", "cyan"), spanOf(hint)]),
  ];
}

function callReport({ peer, cause }: CallError): ErrorReport {
  const { violations = [], retryAfterMs } = cause.details;
  return {
    message: messageOf(peer, cause),
    violations,
    hints: [...hintsFor(peer, cause), ...(retryAfterMs === undefined ? [] : [retryHint(retryAfterMs)])],
    exitCode: exitCodeOf(cause.code),
  };
}

/** Without a reason in it the service itself did not answer: grpc-js gave up on the way. */
function neverArrived({ code, details }: RpcError): boolean {
  return code === Code.UNAVAILABLE && details.reason === undefined;
}

function messageOf({ service, address }: Peer, error: RpcError): string {
  const { title } = origins[service];
  if (neverArrived(error)) return `the ${title} at ${address} can't be reached`;
  switch (error.code) {
    case Code.DEADLINE_EXCEEDED:
      return `the ${title} at ${address} did not answer in time`;
    case Code.UNAUTHENTICATED:
      return `the ${title} at ${address} does not let you in: ${error.message}`;
    case Code.UNIMPLEMENTED:
      return `the ${title} at ${address} does not know this call: ${error.message}`;
    case Code.INTERNAL:
    case Code.UNKNOWN:
      return `the ${title} failed (${enumName(Code, error.code)}): ${error.message}`;
    default:
      return error.message;
  }
}

function hintsFor({ service, address, origin, token }: Peer, error: RpcError): readonly string[] {
  const { title } = origins[service];
  if (neverArrived(error)) {
    const isDev = origin.endsWith(".json");
    return [
      isDev
        ? "is `weft dev` running? Start it in another terminal"
        : `is it running there? ${address} is from ${origin}`,
    ];
  }
  switch (error.code) {
    case Code.UNAUTHENTICATED:
      return [
        token === undefined
          ? "give its token: --token or WEFT_TOKEN"
          : `is the token that of this ${title}? See --token, WEFT_TOKEN and .weft/dev.json`,
      ];
    case Code.UNIMPLEMENTED:
      return [`is ${address} (${origin}) really the ${title}, and no older than this weft?`];
    case Code.DEADLINE_EXCEEDED:
      return ["it may be overloaded or stopped by a debugger: try again"];
    default:
      return reasonHints[error.details.reason ?? ""] ?? [];
  }
}

const reasonHints: Readonly<Record<string, readonly string[]>> = {
  WORKFLOW_NOT_FOUND: [
    "weft workflows lists those that are registered",
    "the name of a file has a dot or a slash in it: flow.yaml, ./flow",
  ],
  EXECUTION_NOT_FOUND: ["weft list shows the executions of a namespace with their ids"],
  ALERT_NOT_FOUND: ["weft alerts shows those that there are; --state resolved those that were"],
  SILENCE_NOT_FOUND: ["weft alerts silences shows those that there are"],
  RECEIVER_NOT_FOUND: ["weft alerts rules shows the receivers"],
  BREAKER_NOT_FOUND: ["weft breakers lists those that there are"],
  TOKEN_INVALID: ["weft explain shows the tokens of steps that wait to be completed"],
  STEP_NOT_WAITING: ["weft get shows how the step has ended; each attempt has a token of its own"],
};

function retryHint(retryAfterMs: number): string {
  return `try again in ${durationText(retryAfterMs)}`;
}
