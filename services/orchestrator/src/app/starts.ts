import { checkStart, mergeLabels, type StartLimits } from "../core/check-start.ts";
import type { Json } from "../core/json.ts";
import { isRejection, type Rejection, rejection } from "../core/rejection.ts";
import type { TraceContext } from "../core/trace-context.ts";
import type { Workflow } from "../core/workflow.ts";
import type { Admission } from "./admission.ts";
import type { DefinitionSource } from "./definition-source.ts";
import type { Engine } from "./engine.ts";
import type { Store } from "./store.ts";
import { type WorkflowReference, type Workflows, workflowNotFound } from "./workflows.ts";

export type StartRequest = {
  readonly namespace: string;
  /** Empty: none. */
  readonly requestId: string;
  /** Of the whole request as it was received; asked for only when there is a request id. */
  readonly digest: () => string;
  readonly workflow:
    | { readonly kind: "reference"; readonly name: string; readonly version?: number }
    | { readonly kind: "source"; readonly source: DefinitionSource };
  readonly input: Json;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdBy: string;
  /** Of the call; no part of what is asked. */
  readonly trace?: TraceContext;
};

export type Started = { readonly kind: "started"; readonly executionId: string; readonly version: number };

type Pending = { readonly digest: string; readonly outcome: Promise<Started | Rejection> };

export type StartPorts = {
  readonly engine: Engine;
  readonly workflows: Workflows;
  readonly store: Store;
  readonly admission: Admission;
  readonly limits: StartLimits;
};

/** Admits starts: checks them, and makes those with a request id idempotent. */
export class Starts {
  readonly #ports: StartPorts;
  /** Starts with a request id that are not durable yet. */
  readonly #pending = new Map<string, Pending>();

  constructor(ports: StartPorts) {
    this.#ports = ports;
  }

  async start(request: StartRequest): Promise<Started | Rejection> {
    const { namespace, requestId, labels, input } = request;
    const inputBytes = Buffer.byteLength(input.text);
    const problems = checkStart({ namespace, requestId, labels, inputBytes }, this.#ports.limits);
    if (problems.length > 0) return rejection("REQUEST_INVALID", "the start has bad fields", { problems });
    if (requestId === "") return this.#startNew(request, null);
    const key = `${namespace}/${requestId}`;
    const digest = request.digest();
    const pending = this.#pending.get(key);
    if (pending) return pending.digest === digest ? pending.outcome : requestIdReused(requestId);
    const outcome = this.#startOnce(request, digest).finally(() => this.#pending.delete(key));
    this.#pending.set(key, { digest, outcome });
    return outcome;
  }

  async #startOnce(request: StartRequest, digest: string): Promise<Started | Rejection> {
    const earlier = await this.#ports.store.findRequest(request.namespace, request.requestId);
    if (!earlier) return this.#startNew(request, digest);
    if (earlier.requestDigest !== digest) return requestIdReused(request.requestId);
    return { kind: "started", executionId: earlier.executionId, version: earlier.version };
  }

  async #startNew(request: StartRequest, digest: string | null): Promise<Started | Rejection> {
    const refused = this.#ports.admission.refuseStart();
    if (refused) return refused;
    const workflow = await this.#workflowOf(request);
    if (isRejection(workflow)) return workflow;
    const merged = mergeLabels(workflow.definition.labels, request.labels, this.#ports.limits.labelsMax);
    if ("problem" in merged)
      return rejection("REQUEST_INVALID", "too many labels", { problems: [merged.problem] });
    const { namespace, createdBy, input: payload, trace } = request;
    const inline = request.workflow.kind === "source";
    const executionId = await this.#ports.engine.start({
      workflow,
      start: {
        kind: "start",
        namespace,
        inline,
        labels: merged.labels,
        createdBy,
        payload,
        ...(trace ? { trace } : {}),
      },
      requestId: digest === null ? null : request.requestId,
      requestDigest: digest,
    });
    if (typeof executionId !== "string") return executionId;
    return { kind: "started", executionId, version: workflow.definition.version };
  }

  async #workflowOf({ namespace, workflow }: StartRequest): Promise<Workflow | Rejection> {
    if (workflow.kind === "source") {
      const compiled = await this.#ports.workflows.compile(workflow.source);
      return isRejection(compiled) ? compiled : compiled.workflow;
    }
    const { name, version } = workflow;
    const reference: WorkflowReference = { namespace, name, ...(version === undefined ? {} : { version }) };
    return (await this.#ports.workflows.find(reference))?.workflow ?? workflowNotFound(reference);
  }
}

function requestIdReused(requestId: string): Rejection {
  return rejection("REQUEST_ID_REUSED", `request id ${requestId} was used for another start`);
}
