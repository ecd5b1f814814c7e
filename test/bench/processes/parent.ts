/** What a process has used since it began. */
export type Usage = { readonly cpuMs: number; readonly rssMb: number };

/** From a process of the bench to the one that started it: the answer to each message. */
export type FromChild =
  | { readonly kind: "reply"; readonly value: unknown }
  | { readonly kind: "failed"; readonly message: string };

/** The other way: first how to start, then one request at a time. */
export type ToChild =
  | { readonly kind: "start"; readonly options: unknown }
  | { readonly kind: "ask"; readonly request: unknown }
  | { readonly kind: "usage" };

type Service<Request> = {
  /** What the parent wants to know of this process. */
  readonly facts: unknown;
  readonly answer?: (request: Request) => Promise<unknown>;
};

/** Makes this a process of the bench: it opens its service when told, answers its parent, and ends with it. */
export function serveParent<Options, Request = never>(
  open: (options: Options) => Promise<Service<Request>>,
): void {
  let service: Service<Request> | undefined;
  const handle = async (message: ToChild): Promise<FromChild> => {
    switch (message.kind) {
      case "start":
        service = await open(message.options as Options);
        return { kind: "reply", value: service.facts };
      case "ask":
        return { kind: "reply", value: await service?.answer?.(message.request as Request) };
      case "usage":
        return { kind: "reply", value: usage() };
    }
  };
  process.on("message", (message: ToChild) => {
    handle(message).then(tell, (error: unknown) => tell(failure(error)));
  });
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C reaches every process of the terminal; the parent ends them in order.
  process.on("SIGINT", () => {});
}

function tell(message: FromChild): void {
  process.send?.(message);
}

function failure(error: unknown): FromChild {
  return {
    kind: "failed",
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage.rss() / 2 ** 20 };
}
