import type { Clock } from "@weft/runtime/clock";
import type { SendOutcome } from "../app/ports.ts";

export type Post = {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  readonly signal: AbortSignal;
  /** Shown to nobody, should the answer repeat them. */
  readonly secrets?: readonly string[];
};

const timeoutMs = 10_000;
/** No more of an answer is read. */
const answerBytesMax = 4 * 1024;
const shownCharsMax = 200;
/** Whoever asks for more patience is asked again all the same. */
const retryAfterMsMax = 3_600_000;

const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * POSTs JSON and says what came of it. Redirects are not followed: the address is the operator's choice, and
 * nobody else sends alerts elsewhere. Says neither the address nor a secret, both may be keys.
 */
export async function post(clock: Clock, request: Post): Promise<SendOutcome> {
  const timedOut = new AbortController();
  const cancel = clock.after(timeoutMs, () => timedOut.abort());
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "weft-alert-manager", ...request.headers },
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.any([request.signal, timedOut.signal]),
    });
    return outcomeOf(response, await shownText(response, request.secrets ?? []), clock.now());
  } catch (error) {
    return {
      kind: "retry",
      reason: timedOut.signal.aborted ? `no answer in ${timeoutMs / 1_000} s` : causeOf(error),
    };
  } finally {
    cancel();
  }
}

function outcomeOf({ status, headers }: Response, said: string, nowMs: number): SendOutcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = `it answered ${status}${said === "" ? "" : `: ${said}`}`;
  if (status >= 300 && status < 400)
    return { kind: "rejected", reason: `${reason}; redirects are not followed` };
  if (status < 500 && !passing.has(status)) return { kind: "rejected", reason };
  const afterMs = retryAfterMs(headers.get("retry-after"), nowMs);
  return { kind: "retry", reason, ...(afterMs !== undefined && { afterMs }) };
}

/** Seconds, or a date. */
function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), retryAfterMsMax);
}

/** The beginning of an answer, as one line. */
async function shownText(response: Response, secrets: readonly string[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // What is not read is cancelled with the end of the loop.
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    bytes += chunk.byteLength;
    if (bytes >= answerBytesMax) break;
  }
  const text = Buffer.concat(chunks).toString("utf8", 0, answerBytesMax);
  const hidden = secrets.reduce((shown, secret) => shown.replaceAll(secret, "(hidden)"), text);
  return hidden
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, shownCharsMax)
    .toWellFormed();
}

/** fetch wraps what went wrong, and its own words may hold the address. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return "the request failed";
  if (cause.name === "AbortError") return "the request was ended";
  return "code" in cause && typeof cause.code === "string"
    ? `the connection failed: ${cause.code}`
    : "the request failed";
}
