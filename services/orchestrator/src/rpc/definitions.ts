import { create } from "@bufbuild/protobuf";
import {
  type DefinitionProblem,
  DefinitionProblemSchema,
  type ExecutionPlan,
  ExecutionPlanSchema,
  Mode as ModeCode,
  OnFailure,
  type RetryPolicy as RetryMessage,
  type DefinitionSource as SourceMessage,
  type Step as StepMessage,
  type WorkflowDefinition,
  WorkflowDefinitionSchema,
} from "@weft/proto/weft/workflow/v1/definition_pb";
import type { DefinitionSource } from "../app/definition-source.ts";
import type { Definition, Step } from "../core/definition.ts";
import { formatDuration } from "../core/duration.ts";
import { isJsonObject, type JsonValue } from "../core/json.ts";
import type { Plan } from "../core/plan.ts";
import type { LocatedProblem } from "../core/rejection.ts";
import type { RetryPolicy } from "../core/retry.ts";
import { badRequest } from "./rejection-codes.ts";
import { durationOf, msOfDuration } from "./time.ts";
import { jsonOfValue, valueOfJson } from "./values.ts";

type Tree = { [key: string]: JsonValue };

/** Throws INVALID_ARGUMENT when there is none. */
export function sourceOf(message: SourceMessage | undefined): DefinitionSource {
  switch (message?.source.case) {
    case "document":
      return { kind: "document", text: message.source.value };
    case "definition":
      return { kind: "tree", tree: treeOf(message.source.value) };
    default:
      throw badRequest([{ field: "source", message: "must hold a definition or a document" }]);
  }
}

/** The tree that the same workflow would be in YAML: one check serves both spellings. */
function treeOf(message: WorkflowDefinition): JsonValue {
  const { name, version, mode, steps, timeout, onFailure, retry, output, labels, description } = message;
  return compact({
    workflow: name,
    version,
    mode: modes[mode] ?? null,
    timeout: durationText(msOfDuration(timeout)),
    onFailure: failureModes[onFailure] ?? null,
    retry: retry ? retryTree(retry) : null,
    steps: steps.map(stepTree),
    output: output ? jsonOfValue(output, "output") : null,
    labels: Object.keys(labels).length > 0 ? labels : null,
    description: description || null,
  });
}

const modes: { readonly [code: number]: string } = {
  [ModeCode.SEQUENTIAL]: "sequential",
  [ModeCode.PARALLEL]: "parallel",
  [ModeCode.DEPENDENCY]: "dependency",
};

const failureModes: { readonly [code: number]: string } = {
  [OnFailure.FAIL]: "fail",
  [OnFailure.COMPENSATE]: "compensate",
  [OnFailure.CONTINUE]: "continue",
};

function stepTree(message: StepMessage, index: number): JsonValue {
  const { id, capability, with: input, dependsOn, timeout, retry, description } = message;
  return compact({
    id,
    capability,
    with: input ? jsonOfValue(input, `steps[${index}].with`) : null,
    dependsOn: dependsOn.length > 0 ? dependsOn : null,
    timeout: durationText(msOfDuration(timeout)),
    retry: retry ? retryTree(retry) : null,
    description: description || null,
  });
}

function retryTree(message: RetryMessage): JsonValue {
  const { preset, maxAttempts, initialDelay, maxDelay, multiplier, jitter, on, notOn } = message;
  return compact({
    preset: preset || null,
    maxAttempts: maxAttempts ?? null,
    initialDelay: durationText(msOfDuration(initialDelay)),
    maxDelay: durationText(msOfDuration(maxDelay)),
    multiplier: multiplier ?? null,
    jitter: jitter ?? null,
    on: on.length > 0 ? on : null,
    notOn: notOn.length > 0 ? notOn : null,
  });
}

function compact(tree: Tree): JsonValue {
  return Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null));
}

function durationText(ms: number | undefined): JsonValue {
  return ms === undefined ? null : formatDuration(ms);
}

/** As it was registered: templates as their author wrote them, policies as they apply. */
export function definitionMessage(definition: Definition): WorkflowDefinition {
  const { name, version, mode, steps, timeoutMs, labels, description, tree } = definition;
  const output = member(tree, "output");
  return create(WorkflowDefinitionSchema, {
    name,
    version,
    mode:
      mode === "sequential"
        ? ModeCode.SEQUENTIAL
        : mode === "parallel"
          ? ModeCode.PARALLEL
          : ModeCode.DEPENDENCY,
    onFailure: OnFailure.FAIL,
    steps: steps.map((step, index) => stepMessage(step, element(member(tree, "steps"), index))),
    labels: { ...labels },
    description: description ?? "",
    ...(timeoutMs === undefined ? {} : { timeout: durationOf(timeoutMs) }),
    ...(output === undefined ? {} : { output: valueOfJson(output) }),
  });
}

function stepMessage(
  { id, capability, description, dependsOn, retry, timeoutMs }: Step,
  tree: JsonValue | undefined,
) {
  const input = member(tree, "with");
  return {
    id,
    capability,
    description: description ?? "",
    dependsOn: [...dependsOn],
    timeout: durationOf(timeoutMs),
    retry: retryMessage(retry),
    ...(input === undefined ? {} : { with: valueOfJson(input) }),
  };
}

function retryMessage({
  maxAttempts,
  initialDelayMs,
  maxDelayMs,
  multiplier,
  jitter,
  on,
  notOn,
}: RetryPolicy) {
  return {
    maxAttempts,
    initialDelay: durationOf(initialDelayMs),
    maxDelay: durationOf(maxDelayMs),
    multiplier,
    jitter,
    on: [...(on ?? [])],
    notOn: [...(notOn ?? [])],
  };
}

function member(tree: JsonValue | undefined, key: string): JsonValue | undefined {
  return tree !== undefined && isJsonObject(tree) && Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function element(tree: JsonValue | undefined, index: number): JsonValue | undefined {
  return Array.isArray(tree) ? tree[index] : undefined;
}

export function planMessage({ steps }: Definition, plan: Plan): ExecutionPlan {
  const ids = (indexes: readonly number[]): string[] => indexes.map((index) => steps[index]!.id);
  return create(ExecutionPlanSchema, {
    batches: plan.batches.map((batch) => ({ stepIds: ids(batch) })),
    steps: steps.map(({ id }, index) => ({ stepId: id, dependencies: ids(plan.dependencies[index]!) })),
    hasCycles: plan.cycles.length > 0,
    cycles: plan.cycles.map((cycle) => ({ stepIds: ids(cycle) })),
    criticalPath: ids(plan.criticalPath),
  });
}

export function problemMessage({ field, message, line }: LocatedProblem): DefinitionProblem {
  return create(DefinitionProblemSchema, { field, message, line: line ?? 0 });
}
