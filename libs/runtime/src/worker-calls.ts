import { parentPort, type Worker } from "node:worker_threads";

/** The worker has ended, or was closed, before it could answer. Nothing is wrong with the call. */
export class WorkerLost extends Error {}

/** What a worker answers once it is open. Arguments and results are cloned on their way. */
type Methods = {
  readonly [name: string]: (argument: never) => unknown;
  /** The last call. */
  readonly close: (argument: null) => void;
};

/** What a worker is once it is open. */
type Answering = {
  readonly methods: Methods;
  /** Runs when an answer has left: whoever waits for the answer does not wait for this. */
  readonly afterAnswer?: () => void;
};

/** The first call gives a worker what it works on. */
type Opening<Options> = { readonly open: (options: Options) => void };

type Call = { readonly id: number; readonly method: string; readonly argument: unknown };
type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

type Pending = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/**
 * The calling side of a worker, which it owns.
 *
 * 1. Calls are answered in the order in which they were made.
 * 2. Every call is answered, or rejected as lost when the worker has stopped: none hangs.
 */
export class WorkerCalls<Answered extends Methods & Opening<never>> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #closing: WorkerLost | undefined;
  #stopped: WorkerLost | undefined;
  readonly #died = Promise.withResolvers<string>();

  /** The name is for people: "the store's writer". */
  constructor(worker: Worker, name: string) {
    this.#worker = worker;
    worker.on("message", (reply: Reply) => this.#settle(reply));
    worker.on("messageerror", (error) => this.abandon(error));
    worker.on("error", (error) => this.#end(messageOf(error)));
    worker.on("exit", (code) => this.#end(`${name} stopped with code ${code}`));
  }

  /** Resolves with the reason when the worker has ended though nobody has closed it. */
  get died(): Promise<string> {
    return this.#died.promise;
  }

  /** Every call is rejected from now on, though nobody has closed it. */
  get isDead(): boolean {
    return this.#stopped !== undefined && this.#closing === undefined;
  }

  call<Name extends keyof Answered & string>(
    method: Name,
    argument: Parameters<Answered[Name]>[0],
  ): Promise<ReturnType<Answered[Name]>> {
    return this.#closing ? Promise.reject(this.#closing) : this.#send(method, argument);
  }

  /** Takes no more calls, waits for those made and for `first`, then ends the worker. */
  async close(why: string, first: Promise<void> = Promise.resolve()): Promise<void> {
    this.#closing = new WorkerLost(why);
    await first;
    // A worker that has stopped already is as closed as it can be.
    await this.#send("close", null).catch(() => undefined);
    await this.#worker.terminate();
  }

  /** Ends the worker; whatever it has in hand is rejected. */
  abandon(reason: Error): void {
    this.#end(reason.message);
    void this.#worker.terminate();
  }

  #send<Result>(method: string, argument: unknown): Promise<Result> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#worker.postMessage({ id, method, argument } satisfies Call);
      this.#pending.set(id, { resolve, reject });
    });
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("value" in reply) pending?.resolve(reply.value as never);
    else pending?.reject(new Error(reply.error));
  }

  #end(reason: string): void {
    this.#stopped ??= new WorkerLost(reason);
    for (const { reject } of this.#pending.values()) reject(this.#stopped);
    this.#pending.clear();
    if (this.isDead) this.#died.resolve(reason);
  }
}

/** The answering side, in the worker: one call at a time, of which `open` is the first. */
export function answerCalls<Options>(open: (options: Options) => Answering): void {
  const port = parentPort;
  if (!port) throw new Error("this file runs as a worker thread");
  let answering: Answering | undefined;
  const run = ({ method, argument }: Call): unknown => {
    if (method === "open") answering = open(argument as Options);
    else if (answering) return answering.methods[method]?.(argument as never);
    else throw new Error("the worker could not be opened");
  };
  port.on("message", (call: Call) => {
    port.postMessage(answer(run, call));
    answering?.afterAnswer?.();
  });
}

function answer(run: (call: Call) => unknown, call: Call): Reply {
  try {
    return { id: call.id, value: run(call) };
  } catch (error) {
    return { id: call.id, error: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
