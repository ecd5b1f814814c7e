import { expect, it, onTestFinished } from "vitest";
import { Metrics } from "./metrics.ts";
import { serveMetrics } from "./metrics-server.ts";

async function serve() {
  const metrics = new Metrics();
  metrics.counter({ name: "losses_total", help: "Losses." });
  const server = await serveMetrics(metrics, "127.0.0.1:0");
  onTestFinished(() => server.close());
  return { metrics, server, at: (path: string) => `http://127.0.0.1:${server.port}${path}` };
}

it("serves the metrics, and nothing else", async () => {
  const { metrics, at } = await serve();
  const answer = await fetch(at("/metrics?name=x"));
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, metrics.contentType]);
  expect(await answer.text()).toBe(await metrics.text());
  expect((await fetch(at("/"))).status).toBe(404);
  expect((await fetch(at("/metrics"), { method: "POST" })).status).toBe(405);
});

it("says that its address is taken", async () => {
  const { server } = await serve();
  const address = `127.0.0.1:${server.port}`;
  await expect(serveMetrics(new Metrics(), address)).rejects.toThrow(
    `metrics can't be served at ${address}: listen EADDRINUSE`,
  );
});

it("stops though somebody keeps a connection open", async () => {
  const metrics = new Metrics();
  const server = await serveMetrics(metrics, "127.0.0.1:0");
  await fetch(`http://127.0.0.1:${server.port}/metrics`);
  await expect(server.close()).resolves.toBeUndefined();
});
