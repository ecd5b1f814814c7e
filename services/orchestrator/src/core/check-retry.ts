import { attemptsMax, multiplierMax } from "./definition-limits.ts";
import { formatDuration } from "./duration.ts";
import { type FailureCode, failureCodes, isFailureCode } from "./failure.ts";
import { elementField, memberField } from "./field-path.ts";
import { isJsonObject } from "./json.ts";
import { didYouMean } from "./nearest-name.ts";
import { addProblem, addWarning, quoted } from "./problem.ts";
import { customRetryBase, type RetryPolicy, type RetryPreset, retryPresets } from "./retry.ts";
import {
  type Keys,
  kindOf,
  openObject,
  type Place,
  readBoolean,
  readChoice,
  readDuration,
  readNumber,
  readTexts,
  readValue,
} from "./tree-reader.ts";

const presetNames = Object.keys(retryPresets) as readonly RetryPreset[];

const keys: Keys = {
  known: new Set([
    "preset",
    "maxAttempts",
    "initialDelay",
    "maxDelay",
    "multiplier",
    "jitter",
    "on",
    "notOn",
  ]),
};

/** The policy under the key `retry`: a preset's name, or an object whose other fields override its preset. */
export function readRetry(parent: Place): RetryPolicy | undefined {
  const value = readValue(parent, "retry");
  if (value === undefined) return undefined;
  if (typeof value === "string") {
    const preset = readChoice(parent, "retry", presetNames);
    return preset && retryPresets[preset];
  }
  const field = memberField(parent.field, "retry");
  if (!isJsonObject(value)) {
    addProblem(parent.findings, field, `must be the name of a preset or an object, is ${kindOf(value)}`);
    return undefined;
  }
  const place = openObject(value, field, keys, parent.findings);
  if (place === undefined) return undefined;
  const policy = readPolicy(place);
  if (policy.maxDelayMs < policy.initialDelayMs) {
    const [max, initial] = [formatDuration(policy.maxDelayMs), formatDuration(policy.initialDelayMs)];
    addWarning(
      place.findings,
      place.field,
      `maxDelay (${max}) is below initialDelay (${initial}): every delay is ${max}`,
    );
  }
  return policy;
}

function readPolicy(place: Place): RetryPolicy {
  const preset = readChoice(place, "preset", presetNames);
  const base = preset === undefined ? customRetryBase : retryPresets[preset];
  const on = readCodes(place, "on");
  const notOn = readCodes(place, "notOn");
  return {
    maxAttempts: readNumber(place, "maxAttempts", { min: 1, max: attemptsMax }) ?? base.maxAttempts,
    initialDelayMs: readDuration(place, "initialDelay", 0) ?? base.initialDelayMs,
    maxDelayMs: readDuration(place, "maxDelay", 0) ?? base.maxDelayMs,
    multiplier:
      readNumber(place, "multiplier", { min: 1, max: multiplierMax, fraction: true }) ?? base.multiplier,
    jitter: readBoolean(place, "jitter") ?? base.jitter,
    ...(on === undefined ? {} : { on }),
    ...(notOn === undefined ? {} : { notOn }),
  };
}

function readCodes(place: Place, key: string): readonly FailureCode[] | undefined {
  return readTexts(place, key)?.flatMap((text, index) => {
    if (text === undefined) return [];
    if (isFailureCode(text)) return [text];
    const hint = didYouMean(place.findings, text, failureCodes);
    const field = elementField(memberField(place.field, key), index);
    addProblem(place.findings, field, `${quoted(text)} is not a failure code such as UNAVAILABLE${hint}`);
    return [];
  });
}
