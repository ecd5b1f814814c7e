import { spawn } from "node:child_process";
import { once } from "node:events";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { afterEach, describe, expect, it } from "vitest";
import type { Handlers } from "./implementation.ts";
import { all, type Loopback, openLoopback } from "./loopback.ts";
import { Code, RpcError } from "./status.ts";
import type { ClientDuplex, ServerStream } from "./stream.ts";

let loopback: Loopback | undefined;
afterEach(() => loopback?.close());

async function serve(handlers: Partial<Handlers<typeof RegistryService>>): Promise<Loopback> {
  loopback = await openLoopback(handlers);
  return loopback;
}

/** A promise, and the function that resolves it. */
function promised<T>(): { readonly value: Promise<T>; readonly resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { value: promise, resolve };
}

/** How a duplex ends, as a caller sees it. */
function endOf(call: ClientDuplex<never, unknown>): Promise<RpcError | undefined> {
  return new Promise((resolve) => call.onEnd(resolve));
}

const heartbeat = (freeSlots: number) => ({
  message: { case: "heartbeat" as const, value: { freeSlots } },
});
const renewed = { message: { case: "leaseRenewed" as const, value: {} } };

describe("a unary call", () => {
  it("carries a request there and a response back", async () => {
    const { client } = await serve({
      listAgents: ({ pageSize }) => ({ agents: [{ agentId: "a", slots: pageSize }] }),
    });
    const { agents } = await client.listAgents({ pageSize: 7 });
    expect(agents).toMatchObject([{ agentId: "a", slots: 7 }]);
  });

  it("ends with DEADLINE_EXCEEDED when its time is up", async () => {
    const { client } = await serve({ listAgents: () => new Promise(() => {}) });
    await expect(client.listAgents({}, { timeoutMs: 20 })).rejects.toMatchObject({
      code: Code.DEADLINE_EXCEEDED,
    });
  });

  it("ends with CANCELLED when its caller's signal aborts, before or after it began", async () => {
    const began = promised<void>();
    const { client } = await serve({
      listAgents: () => {
        began.resolve();
        return new Promise(() => {});
      },
    });
    const cancelled = { code: Code.CANCELLED };
    await expect(client.listAgents({}, { signal: AbortSignal.abort() })).rejects.toMatchObject(cancelled);
    const abort = new AbortController();
    const call = client.listAgents({}, { signal: abort.signal });
    await began.value;
    abort.abort();
    await expect(call).rejects.toMatchObject(cancelled);
  });

  it("tells its handler when its caller has left", async () => {
    const began = promised<void>();
    const closed = promised<string>();
    const { client } = await serve({
      listAgents: (_, { onClose }) => {
        onClose(() => closed.resolve("closed"));
        began.resolve();
        return new Promise(() => {});
      },
    });
    const abort = new AbortController();
    const call = client.listAgents({}, { signal: abort.signal }).catch(({ code }: RpcError) => code);
    await began.value;
    abort.abort();
    expect([await closed.value, await call]).toEqual(["closed", Code.CANCELLED]);
  });

  it("ends with UNAVAILABLE when nobody listens", async () => {
    const { connect } = await serve({});
    const nobody = connect({ address: "127.0.0.1:1" }).client(RegistryService);
    await expect(nobody.listAgents({})).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });
});

describe("a server stream", () => {
  it("gives every message in order, then ends", async () => {
    const { client } = await serve({
      watchAgents: (_, stream) => {
        for (const revision of [1n, 2n, 3n]) stream.write({ revision });
        stream.end();
      },
    });
    const seen = await all(client.watchAgents({}));
    expect(seen.map(({ revision }) => revision)).toEqual([1n, 2n, 3n]);
  });

  it("ignores what is written after its end", async () => {
    const { client } = await serve({
      watchAgents: (_, stream) => {
        stream.write({ revision: 1n });
        stream.end();
        expect(stream.write({ revision: 2n })).toBe(false);
        stream.fail(new RpcError(Code.ABORTED, "too late"));
      },
    });
    expect(await all(client.watchAgents({}))).toMatchObject([{ revision: 1n }]);
  });

  it("gives what came before an error, then the error", async () => {
    const { client } = await serve({
      watchAgents: (_, stream) => {
        stream.write({ revision: 1n });
        stream.fail(new RpcError(Code.RESOURCE_EXHAUSTED, "too slow"));
      },
    });
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const { revision } of client.watchAgents({})) seen.push(revision);
    })();
    await expect(reading).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED, message: "too slow" });
    expect(seen).toEqual([1n]);
  });

  it.each(["cancel", "signal", "break"])("tells the server when its reader leaves (%s)", async (how) => {
    const closed = promised<string>();
    const abort = new AbortController();
    const { client } = await serve({
      watchAgents: (_, stream) => {
        stream.write({ revision: 1n });
        stream.onClose(() => closed.resolve("closed"));
      },
    });
    const watch = client.watchAgents({}, { signal: abort.signal });
    const reading = (async () => {
      for await (const _ of watch) {
        if (how === "break") break;
        if (how === "cancel") watch.cancel();
        else abort.abort();
      }
    })().catch((error: unknown) => error);
    expect(await closed.value).toBe("closed");
    expect(await reading).toEqual(
      how === "break" ? undefined : expect.objectContaining({ code: Code.CANCELLED }),
    );
  });

  it("asks its writer to stop while nobody reads, and to go on once somebody does", async () => {
    const stopped = promised<ServerStream<object>>();
    const drained = promised<string>();
    const agents = [{ agentId: "x".repeat(100_000) }];
    const { client } = await serve({
      watchAgents: (_, stream) => {
        stream.onDrain(() => drained.resolve("drained"));
        while (stream.write({ agents }));
        stopped.resolve(stream);
      },
    });
    const watch = client.watchAgents({});
    const stream = await stopped.value;
    watch.onMessage(() => {});
    expect(await drained.value).toBe("drained");
    stream.end();
  });
});

describe("a bidirectional stream", () => {
  it("does not take the server's death for a good end", async () => {
    const { client, server } = await serve({
      attach: (stream) => stream.onMessage(() => stream.write(renewed)),
    });
    const call = client.attach();
    const ended = endOf(call);
    call.onMessage(() => void server.stop(0));
    call.write(heartbeat(1));
    expect(await ended).toBeInstanceOf(RpcError);
  });

  it("carries messages both ways and ends when both have ended", async () => {
    const { client } = await serve({
      attach: (stream) => {
        stream.onMessage(() => stream.write(renewed));
        stream.onEnd((error) => error ?? stream.end());
      },
    });
    const call = client.attach();
    const seen: unknown[] = [];
    call.onMessage(({ message }) => {
      seen.push(message.case);
      if (seen.length === 2) call.end();
    });
    for (const free of [1, 2]) call.write(heartbeat(free));
    expect(await endOf(call)).toBeUndefined();
    expect(seen).toEqual(["leaseRenewed", "leaseRenewed"]);
  });

  it("ignores what a client writes after the server ended it", async () => {
    const { client } = await serve({ attach: (stream) => stream.fail(new RpcError(Code.ABORTED, "over")) });
    const call = client.attach();
    call.onMessage(() => {});
    expect(await endOf(call)).toMatchObject({ code: Code.ABORTED });
    expect(call.write(heartbeat(1))).toBe(false);
  });

  it("does not take a client's cancel for its good end", async () => {
    const ended = promised<RpcError | undefined>();
    const { client } = await serve({
      attach: (stream) => {
        stream.onMessage(() => stream.write(renewed));
        stream.onEnd(ended.resolve);
      },
    });
    const call = client.attach();
    call.onMessage(() => call.cancel());
    call.write(heartbeat(1));
    expect(await ended.value).toMatchObject({ code: Code.CANCELLED });
  });

  it("does not take a client's death for its good end", async () => {
    const arrived = promised<void>();
    const ended = promised<RpcError | undefined>();
    const { address } = await serve({
      attach: (stream) => {
        stream.onMessage(() => arrived.resolve());
        stream.onEnd(ended.resolve);
      },
    });
    const program = `
      import { RegistryService } from ${JSON.stringify(import.meta.resolve("@weft/proto/weft/registry/v1/registry_pb"))};
      import { createChannel } from ${JSON.stringify(import.meta.resolve("./client.ts"))};
      const call = createChannel({ address: "${address}" }).client(RegistryService).attach();
      call.write({ message: { case: "heartbeat", value: {} } });
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" });
    await arrived.value;
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await ended.value).toMatchObject({ code: Code.CANCELLED });
  });
});
