import type { Duration, Value } from "@bufbuild/protobuf/wkt";
import type {
  RetryPolicy as RetryMessage,
  Step as StepMessage,
  WorkflowDefinition,
} from "@weft/proto/weft/workflow/v1/definition_pb";
import { formatDuration } from "../core/duration.ts";
import type { JsonValue } from "../core/json.ts";
import { failureModeCodes, joinCodes, modeCodes, wordOf } from "./definition-codes.ts";
import { msOfDuration } from "./time.ts";
import { jsonOfValue } from "./values.ts";

type Tree = { readonly [key: string]: JsonValue | undefined };

/** The tree that the same workflow would be in YAML: one check serves both spellings. */
export function treeOf(message: WorkflowDefinition): JsonValue {
  const { name, version, mode, steps, onFailure, retry, labels, description } = message;
  return compact({
    workflow: name,
    version,
    mode: wordOf(modeCodes, mode),
    timeout: durationText(message.timeout),
    onFailure: wordOf(failureModeCodes, onFailure),
    retry: retry ? retryTree(retry) : undefined,
    vars: template(message.vars, "vars"),
    steps: steps.map(stepTree),
    output: template(message.output, "output"),
    labels: Object.keys(labels).length > 0 ? labels : undefined,
    description: description || undefined,
  });
}

function stepTree(message: StepMessage, index: number): JsonValue {
  const { id, capability, dependsOn, when, join, optional, atMostOnce, retry, description } = message;
  const field = `steps[${index}]`;
  return compact({
    id,
    capability,
    with: template(message.with, `${field}.with`),
    when: when || undefined,
    vars: template(message.vars, `${field}.vars`),
    dependsOn: dependsOn.length > 0 ? dependsOn : undefined,
    join: wordOf(joinCodes, join),
    optional: optional || undefined,
    atMostOnce: atMostOnce || undefined,
    timeout: durationText(message.timeout),
    queueTimeout: durationText(message.queueTimeout),
    heartbeatTimeout: durationText(message.heartbeatTimeout),
    retry: retry ? retryTree(retry) : undefined,
    description: description || undefined,
  });
}

function retryTree(message: RetryMessage): JsonValue {
  const { preset, maxAttempts, initialDelay, maxDelay, multiplier, jitter, on, notOn } = message;
  return compact({
    preset: preset || undefined,
    maxAttempts,
    initialDelay: durationText(initialDelay),
    maxDelay: durationText(maxDelay),
    multiplier,
    jitter,
    on: on.length > 0 ? on : undefined,
    notOn: notOn.length > 0 ? notOn : undefined,
  });
}

/** What a message leaves unset is a key that is not there. */
function compact(tree: Tree): JsonValue {
  const set = Object.entries(tree).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(set);
}

function template(value: Value | undefined, field: string): JsonValue | undefined {
  return value && jsonOfValue(value, field);
}

function durationText(duration: Duration | undefined): string | undefined {
  const ms = msOfDuration(duration);
  return ms === undefined ? undefined : formatDuration(ms);
}
