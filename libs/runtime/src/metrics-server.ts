import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Metrics } from "./metrics.ts";

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

/** Where a service counts, and where that can be read: nowhere, at an address of its own, or where others count too. */
export class MetricsEndpoint {
  /** Undefined: nothing is counted. */
  readonly metrics: Metrics | undefined;
  readonly #address: string | undefined;
  #server: MetricsServer | undefined;

  /** Whoever brings `shared` along serves it. */
  constructor(address: string | undefined, shared?: Metrics) {
    this.#address = shared ? undefined : address;
    this.metrics = shared ?? (address === undefined ? undefined : new Metrics());
    if (!shared) this.metrics?.addProcess();
  }

  /** Resolves with the port, if there is a server. Rejects as `serveMetrics` does. */
  async start(): Promise<{ readonly metricsPort?: number }> {
    if (!this.metrics || this.#address === undefined) return {};
    this.#server = await serveMetrics(this.metrics, this.#address);
    return { metricsPort: this.#server.port };
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }
}
