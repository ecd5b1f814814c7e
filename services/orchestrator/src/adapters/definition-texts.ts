import { Worker } from "node:worker_threads";
import { messageBytesMax } from "@weft/runtime/grpc";
import { WorkerCalls } from "@weft/runtime/worker-calls";
import { type CheckedSource, checkText, checkTree } from "../app/definition-source.ts";
import { tooManyDefinitionsRejection } from "../app/refusals.ts";
import { parsed } from "../core/json.ts";
import type { DefinitionLimits } from "../core/limits.ts";
import type { Rejection } from "../core/rejection.ts";
import { parseDocument } from "./definition-document.ts";
import type { CheckedText, DefinitionCalls } from "./definition-worker.ts";

/** Hostile text takes some 4 ms for each 1,000 characters: what is longer is read on another thread. */
export const lengthInPlaceMax = 4_096;
/**
 * Of all texts that wait for the other thread, together. It is as much as a message holds: a batch of starts that
 * bring their definitions along fits, when nobody else waits.
 */
export const lengthWaitingMax = messageBytesMax;
/** Of the worker: what a hostile text can make of it is its end, and not that of the process. */
const heapMegabytesMax = 512;

/**
 * Checks the text of definitions: a short one in place, a long one on a thread of its own, which the first of them
 * starts. A text that kills the thread is refused with an error, and the next one gets another.
 */
export class DefinitionTexts {
  readonly #limits: DefinitionLimits;
  readonly #start: () => Worker;
  #calls: WorkerCalls<DefinitionCalls> | undefined;
  #lengthWaiting = 0;

  constructor(limits: DefinitionLimits, start: () => Worker = startWorker) {
    this.#limits = limits;
    this.#start = start;
  }

  async check(text: string): Promise<CheckedSource | Rejection> {
    const limits = this.#limits;
    if (text.length <= lengthInPlaceMax)
      return checkText(text, (short) => parseDocument(short, limits.definitionBytesMax), limits);
    if (this.#lengthWaiting + text.length > lengthWaitingMax)
      return tooManyDefinitionsRejection(lengthWaitingMax);
    const { tree, ...found } = await this.#checkElsewhere(text);
    // A definition in use holds functions, which pass to no other thread: it is made here, from a sound tree.
    const { planned } = tree ? await checkTree(parsed(tree), limits) : {};
    return planned ? { ...found, planned } : found;
  }

  /** Nobody waits for an answer any more. */
  close(): void {
    this.#calls?.abandon(new Error("the orchestrator stops"));
  }

  async #checkElsewhere(text: string): Promise<CheckedText> {
    this.#lengthWaiting += text.length;
    try {
      return await this.#thread().call("check", text);
    } finally {
      this.#lengthWaiting -= text.length;
    }
  }

  #thread(): WorkerCalls<DefinitionCalls> {
    if (this.#calls && !this.#calls.isDead) return this.#calls;
    const calls = new WorkerCalls<DefinitionCalls>(this.#start(), "the reader of definitions");
    this.#calls = calls;
    calls.call("open", this.#limits).catch((error: Error) => calls.abandon(error));
    return calls;
  }
}

function startWorker(): Worker {
  return new Worker(new URL("./definition-worker.ts", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
  });
}
