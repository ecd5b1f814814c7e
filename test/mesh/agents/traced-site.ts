import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { capability, defineAgent, StepFailure } from "@weft/agent-sdk";
import { z } from "zod";

/** An agent whose team has OpenTelemetry: it exports its own spans, to a file. */
const [folder = ".", id = "site", ...names] = process.argv.slice(2);
const file = join(folder, `spans-${id}.jsonl`);

const exporter = {
  export(spans: ReadableSpan[], done: (result: { code: number }) => void): void {
    appendFileSync(file, `${Buffer.from(JsonTraceSerializer.serializeRequest(spans)!).toString()}\n`);
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(
  new TracerProvider({
    resource: resourceFromAttributes({ "service.name": `agent ${id}` }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  }),
);
const tracer = trace.getTracer("site");

const anything = z.unknown();

/** Something of the agent's own, within the handler. */
async function work(name: string, ms: number): Promise<string> {
  return tracer.startActiveSpan(name, async (span) => {
    await pause(ms);
    span.end();
    return span.spanContext().traceId;
  });
}

function step(name: string, ms: number) {
  return capability({
    input: anything,
    output: z.object({ traceId: z.string(), traceparent: z.string() }),
    async run(_, { trace: given }) {
      return { traceId: await work(name, ms), traceparent: given?.traceparent ?? "" };
    },
  });
}

const all = {
  "site.fetch": step("read pages", 60),
  "site.render": step("render pages", 120),
  "site.check": step("check links", 80),
  "site.assemble": capability({
    input: anything,
    output: z.object({ done: z.boolean() }),
    async run(_, { attempt }) {
      await work("join pages", 40);
      if (attempt === 1) throw new StepFailure("UNAVAILABLE", "the disk was busy");
      return { done: true };
    },
  }),
  "site.publish": capability({
    input: anything,
    output: z.object({ done: z.boolean() }),
    async run(_, { signal }) {
      await work("upload", 50);
      // Held until the test lets go, where it wants to be in the middle of something.
      while (existsSync(join(folder, "hold"))) await pause(5, undefined, { signal });
      return { done: true };
    },
  }),
};

const offered = Object.entries(all).filter(([name]) => names.includes(name));
const agent = defineAgent({
  name: id,
  version: "1.0.0",
  slots: 4,
  capabilities: Object.fromEntries(offered) as typeof all,
});
await agent.serve({ agentId: id });
