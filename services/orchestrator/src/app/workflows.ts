import { canonicalText, type JsonValue } from "../core/json.ts";
import { type DefinitionLimits, defaultDefinitionLimits } from "../core/limits.ts";
import { workflowNameProblem } from "../core/names.ts";
import { isRejection, type LocatedProblem, type Rejection, rejection } from "../core/rejection.ts";
import type { Workflow } from "../core/workflow.ts";
import {
  type CheckedSource,
  type CompiledSource,
  checkTree,
  compiledOf,
  type DefinitionSource,
  type TextCheck,
} from "./definition-source.ts";
import { diskFullRejection } from "./refusals.ts";
import { revive } from "./revive.ts";
import type { Store, WorkflowRow } from "./store.ts";

export type WorkflowReference = {
  readonly namespace: string;
  readonly name: string;
  readonly version?: number;
};

export type RegisteredWorkflow = { readonly row: WorkflowRow; readonly workflow: Workflow };

export type Registration = {
  readonly kind: "registered";
  readonly name: string;
  readonly version: number;
  readonly created: boolean;
  readonly warnings: readonly LocatedProblem[];
};

/** Compiled workflows kept in memory. */
const cachedMax = 1_000;

/**
 * The registered workflows. Definitions never change, so a compiled one is kept; which version is the newest
 * does change, and this process is the only one that registers into its store.
 */
export class Workflows {
  readonly #store: Store;
  readonly #checkText: TextCheck;
  readonly #now: () => number;
  readonly #limits: DefinitionLimits;
  /** By key, least recently used first. The key without a version is the newest's. */
  readonly #cache = new Map<string, RegisteredWorkflow>();
  /** By key: those that are read now. Whoever asks meanwhile waits for the same. */
  readonly #loading = new Map<string, Promise<RegisteredWorkflow | undefined>>();
  /** How many there were: what was read before the last may not be the newest any more. */
  #registrations = 0;

  constructor(
    store: Store,
    checkText: TextCheck,
    now: () => number,
    limits: DefinitionLimits = defaultDefinitionLimits,
  ) {
    this.#store = store;
    this.#checkText = checkText;
    this.#now = now;
    this.#limits = limits;
  }

  async check(source: DefinitionSource): Promise<CheckedSource | Rejection> {
    return source.kind === "tree" ? checkTree(source.tree, this.#limits) : this.#checkText(source.text);
  }

  async compile(source: DefinitionSource): Promise<CompiledSource | Rejection> {
    const checked = await this.check(source);
    return isRejection(checked) ? checked : compiledOf(checked);
  }

  async register(
    namespace: string,
    source: DefinitionSource,
    createdBy: string,
  ): Promise<Registration | Rejection> {
    const namespaceProblem = workflowNameProblem(namespace);
    if (namespaceProblem !== undefined)
      return rejection("REQUEST_INVALID", "bad namespace", {
        problems: [{ field: "namespace", message: namespaceProblem }],
      });
    const compiled = await this.compile(source);
    if (isRejection(compiled)) return compiled;
    const { name, version, tree } = compiled.workflow.definition;
    const definition = canonicalText(tree);
    const outcome = await this.#store.putWorkflow({
      namespace,
      name,
      version,
      definition,
      createdBy,
      createdAtMs: this.#now(),
    });
    if (outcome === "full") return diskFullRejection();
    if (outcome === "different")
      return rejection(
        "WORKFLOW_VERSION_EXISTS",
        `version ${version} of ${name} is registered with another definition; versions never change, so raise it`,
      );
    this.#registrations++;
    for (const known of [this.#cache, this.#loading]) known.delete(keyOf({ namespace, name }));
    return { kind: "registered", name, version, created: outcome === "created", warnings: compiled.warnings };
  }

  /** Without a version: the newest. From memory when it can be; the promise is for the rest. */
  find(reference: WorkflowReference): RegisteredWorkflow | Promise<RegisteredWorkflow | undefined> {
    const key = keyOf(reference);
    return this.#cached(key) ?? this.#loading.get(key) ?? this.#load(key, reference);
  }

  list(namespace: string, afterName: string, limit: number): Promise<readonly WorkflowRow[]> {
    return this.#store.listWorkflows(namespace, afterName, limit);
  }

  #load(key: string, reference: WorkflowReference): Promise<RegisteredWorkflow | undefined> {
    const loading = this.#read(reference).finally(() => {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    });
    this.#loading.set(key, loading);
    return loading;
  }

  async #read(reference: WorkflowReference): Promise<RegisteredWorkflow | undefined> {
    const before = this.#registrations;
    const row = await this.#store.getWorkflow(reference.namespace, reference.name, reference.version);
    if (!row) return undefined;
    const found = { row, workflow: await revive(JSON.parse(row.definition) as JsonValue) };
    if (reference.version === undefined && before !== this.#registrations) return found;
    this.#cache.set(keyOf(reference), found);
    if (this.#cache.size > cachedMax) this.#cache.delete(this.#cache.keys().next().value!);
    return found;
  }

  #cached(key: string): RegisteredWorkflow | undefined {
    const found = this.#cache.get(key);
    if (!found) return undefined;
    this.#cache.delete(key);
    this.#cache.set(key, found);
    return found;
  }
}

/** The rejection for a reference that leads nowhere. */
export function workflowNotFound({ namespace, name, version }: WorkflowReference): Rejection {
  const what = version === undefined ? name : `version ${version} of ${name}`;
  return rejection("WORKFLOW_NOT_FOUND", `namespace ${namespace} has no workflow ${what}`);
}

function keyOf({ namespace, name, version }: WorkflowReference): string {
  return `${namespace}/${name}/${version ?? ""}`;
}
