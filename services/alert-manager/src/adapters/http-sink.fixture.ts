import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A real HTTP server that remembers what it got, and answers as it is told; "silence" never answers. */
export async function httpSink(answers: readonly (Answer | "silence")[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url = "", headers } = request;
      const answer = answers[received.length] ?? { status: 200 };
      received.push({ path: url, headers, body: Buffer.concat(chunks).toString("utf8") });
      server.emit("received");
      if (answer !== "silence") response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close(): void {
      server.close();
      server.closeAllConnections();
    },
    /** Resolves once it has got so many. */
    async got(count: number): Promise<void> {
      while (received.length < count) await once(server, "received");
    },
  };
}

/** An address on which nobody listens. */
export async function nobody(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}
