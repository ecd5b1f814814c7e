import { create } from "@bufbuild/protobuf";
import type { Duration, Value } from "@bufbuild/protobuf/wkt";
import {
  type DefinitionProblem,
  DefinitionProblemSchema,
  type ExecutionPlan,
  ExecutionPlanSchema,
  type DefinitionSource as SourceMessage,
  type WorkflowDefinition,
  WorkflowDefinitionSchema,
} from "@weft/proto/weft/workflow/v1/definition_pb";
import type { DefinitionSource } from "../app/definition-source.ts";
import type { Definition, Mode, Step } from "../core/definition.ts";
import { isJsonObject, type JsonValue } from "../core/json.ts";
import type { Plan } from "../core/plan.ts";
import type { LocatedProblem } from "../core/rejection.ts";
import type { RetryPolicy } from "../core/retry.ts";
import { failureModeCodes, joinCodes, modeCodes } from "./definition-codes.ts";
import { treeOf } from "./definition-tree.ts";
import { badRequest } from "./rejection-codes.ts";
import { durationOf } from "./time.ts";
import { valueOfJson } from "./values.ts";

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

/** As it was registered: templates as their author wrote them, policies as they apply. */
export function definitionMessage(definition: Definition): WorkflowDefinition {
  const { name, version, mode, onFailure, steps, timeoutMs, labels, description, tree } = definition;
  return create(WorkflowDefinitionSchema, {
    name,
    version,
    mode: modeCodes[mode],
    onFailure: failureModeCodes[onFailure],
    steps: steps.map((step, index) => stepMessage(step, element(member(tree, "steps"), index), mode)),
    labels: { ...labels },
    description: description ?? "",
    timeout: limitOf(timeoutMs),
    output: written(tree, "output"),
    vars: written(tree, "vars"),
  });
}

function stepMessage(step: Step, tree: JsonValue | undefined, mode: Mode) {
  const { id, capability, description, dependsOn, optional, atMostOnce, retry, timeoutMs } = step;
  return {
    id,
    capability,
    description: description ?? "",
    dependsOn: [...dependsOn],
    when: conditionOf(tree),
    // Elsewhere nothing is joined, and to say how would be a mistake.
    ...(mode === "dependency" ? { join: joinCodes[step.join] } : {}),
    optional,
    atMostOnce,
    timeout: durationOf(timeoutMs),
    queueTimeout: limitOf(step.queueTimeoutMs),
    heartbeatTimeout: limitOf(step.heartbeatTimeoutMs),
    retry: retryMessage(retry),
    with: written(tree, "with"),
    vars: written(tree, "vars"),
  };
}

/** The template that stands at a key, as its author wrote it. */
function written(tree: JsonValue | undefined, key: string): Value | undefined {
  const template = member(tree, key);
  return template === undefined ? undefined : valueOfJson(template);
}

function limitOf(ms: number | undefined): Duration | undefined {
  return ms === undefined ? undefined : durationOf(ms);
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

export function planMessage({ mode, steps, tree }: Definition, plan: Plan): ExecutionPlan {
  const ids = (indexes: readonly number[]): string[] => indexes.map((index) => steps[index]!.id);
  const trees = member(tree, "steps");
  return create(ExecutionPlanSchema, {
    batches: plan.batches.map((batch) => ({ stepIds: ids(batch) })),
    steps: steps.map(({ id, join, optional }, index) => {
      const dependencies = ids(plan.dependencies[index]!);
      return {
        stepId: id,
        dependencies,
        ...(mode === "dependency" && dependencies.length > 0 ? { join: joinCodes[join] } : {}),
        when: conditionOf(element(trees, index)),
        optional,
      };
    }),
    hasCycles: plan.cycles.length > 0,
    cycles: plan.cycles.map((cycle) => ({ stepIds: ids(cycle) })),
    criticalPath: ids(plan.criticalPath),
  });
}

/** Empty: it has none. */
function conditionOf(step: JsonValue | undefined): string {
  const when = member(step, "when");
  return typeof when === "string" ? when : "";
}

export function problemMessage({ field, message, line }: LocatedProblem): DefinitionProblem {
  return create(DefinitionProblemSchema, { field, message, line: line ?? 0 });
}
