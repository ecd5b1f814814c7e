import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "./metrics.ts";

export type MetricsServer = {
  readonly port: number;
  close(): Promise<void>;
};

const headersTimeoutMs = 5_000;

/**
 * Serves GET /metrics in the text format of Prometheus, over plain HTTP and to everybody who can reach the address.
 * Rejects when the address can't be had, with an error that names it.
 */
export async function serveMetrics(metrics: Metrics, address: string): Promise<MetricsServer> {
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: headersTimeoutMs });
  server.on("request", (request, response) => {
    const path = request.url?.split("?")[0];
    if (request.method !== "GET" && request.method !== "HEAD")
      response.writeHead(405, { allow: "GET" }).end();
    else if (path !== "/metrics") response.writeHead(404).end("GET /metrics\n");
    else
      metrics.text().then(
        (text) => response.writeHead(200, { "content-type": metrics.contentType }).end(text),
        () => response.writeHead(500).end("the metrics can't be read\n"),
      );
  });
  await listen(server, address);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, address: string): Promise<void> {
  const { hostname, port } = new URL(`http://${address}`);
  const listening = once(server, "listening");
  // An IPv6 host stands in brackets in an address, and without them here. URL drops port 80.
  server.listen({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) });
  await listening.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`metrics can't be served at ${address}: ${why}`);
  });
}
