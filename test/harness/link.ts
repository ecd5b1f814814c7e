import { once } from "node:events";
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from "node:net";

/** A TCP link between a port of its own and one on loopback where somebody serves, which can be cut. */
export type Link = {
  readonly port: number;
  /** Nothing passes any more, in either direction, and nobody is told: a pulled cable. */
  swallow(): void;
  /** Bytes pass again. What was connected is reset: bytes are missing from it. */
  heal(): void;
  /** Resets every connection. New ones pass. */
  reset(): void;
  close(): void;
};

/** Leads to `port`, which may start to serve later. */
export async function openLink(port: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const forward = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (bytes) => void (isCut || to.write(bytes)));
    // An error comes with its close.
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      if (!isCut) to.destroy();
    });
  };
  const server = createServer((near) => {
    const far = tcpConnect(port, "127.0.0.1");
    forward(near, far);
    forward(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    swallow() {
      isCut = true;
    },
    heal() {
      isCut = false;
      reset();
    },
    reset,
    close() {
      reset();
      server.close();
    },
  };
}
