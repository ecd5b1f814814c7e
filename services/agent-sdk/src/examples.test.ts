import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as sdk from "./index.ts";
import { capability, defineAgent, type Log, later, StepFailure, unchecked } from "./index.ts";
import * as testing from "./testing/index.ts";
import {
  gatedCapability,
  openTestOrchestrator,
  runCapability,
  startTestAgent,
  startTestRegistry,
} from "./testing/index.ts";

// Every example of the sources and the README stands here, where it is compiled; most of them also run.

type Signalled = { readonly signal: AbortSignal };

async function readDiff(_repo: string, commit: string, { signal }: Signalled): Promise<string> {
  if (commit === "slow")
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  return commit === "empty" ? "" : `+ ${commit}`;
}

function findProblems(diff: string): string[] {
  return diff.includes("bad") ? [diff] : [];
}

const review = capability({
  input: z.object({ repo: z.string(), commit: z.string() }),
  output: z.object({ findings: z.array(z.string()) }),
  maxConcurrency: 2,
  async run({ repo, commit }, { signal, progress }) {
    const diff = await readDiff(repo, commit, { signal });
    if (diff.length === 0) throw new StepFailure("FAILED_PRECONDITION", `${commit} changes nothing`);
    progress(0.5, "diff read");
    return { findings: findProblems(diff) };
  },
});

const agent = defineAgent({
  name: "reviewer",
  version: "1.4.0",
  slots: 8,
  capabilities: { "code.review": review },
});

describe("the examples of testing", () => {
  it("run a capability in the test's own process", async () => {
    const { output, progress } = await runCapability(agent, "code.review", {
      repo: "weft",
      commit: "4c7929c",
    });
    expect(output.findings).toEqual([]);
    expect(progress).toEqual([{ fraction: 0.5, message: "diff read" }]);

    const empty = runCapability(agent, "code.review", { repo: "weft", commit: "empty" });
    await expect(empty).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  it("serve an agent on the test's time", async () => {
    const served = await startTestAgent(agent);
    const orchestrator = await served.connect();
    orchestrator.dispatch("code.review", { repo: "weft", commit: "slow" }, { timeLeftMs: 5_000 });
    await orchestrator.next("accepted");
    served.advance(5_000);
    expect((await orchestrator.next("failed")).failure?.reason).toBe("DEADLINE");
    await served.stop();
  });

  it("fill an agent by hand", async () => {
    const gate = gatedCapability();
    const full = defineAgent({
      name: "full",
      version: "1",
      slots: 1,
      capabilities: { wait: gate.capability },
    });
    const served = await startTestAgent(full);
    const orchestrator = await served.connect();
    const first = orchestrator.dispatch("wait", {});
    const second = orchestrator.dispatch("wait", {});
    expect((await orchestrator.next("rejected")).dispatchId).toBe(second);
    gate.succeed(first, "done");
    await orchestrator.next("succeeded");
    await served.stop();
  });

  it("serve a whole process against a registry of the test", async () => {
    const registry = await startTestRegistry();
    const stop = new AbortController();
    const stopped = agent.serve({ registry: registry.address, signal: stop.signal });
    expect((await registry.registration()).name).toBe("reviewer");
    stop.abort();
    await stopped;
    await registry.stop();
  });

  it("drive an orchestrator's end by hand", async () => {
    const token = "secret";
    const registry = await startTestRegistry({ token });
    const stop = new AbortController();
    const stopped = agent.serve({ registry: registry.address, token, signal: stop.signal });
    const { address } = await registry.registration();
    const orchestrator = await openTestOrchestrator(address, { token });
    const dispatchId = orchestrator.dispatch("code.review", { repo: "weft", commit: "4c7929c" });
    await orchestrator.next("succeeded");
    orchestrator.acknowledge([dispatchId]);
    await orchestrator.close();
    stop.abort();
    await stopped;
    await registry.stop();
  });
});

describe("the examples of handlers", () => {
  const published: string[] = [];
  const publish = async (page: string, { key }: Signalled & { readonly key: string }) =>
    void published.push(`${key} ${page}`);
  const site = defineAgent({
    name: "site",
    version: "1",
    slots: 1,
    capabilities: {
      publish: capability({
        input: z.object({ pages: z.array(z.string()) }),
        output: z.object({ published: z.number() }),
        async run({ pages }, { signal, progress, log, idempotencyKey }) {
          for (const [index, page] of pages.entries()) {
            await publish(page, { signal, key: `${idempotencyKey}/${index}` });
            progress((index + 1) / pages.length, page);
          }
          log.info("published", { pages: pages.length });
          return { published: pages.length };
        },
      }),
    },
  });

  const asked: string[] = [];
  const askForApproval = async (change: string, { replyWith, key }: Readonly<Record<string, string>>) =>
    void asked.push(`${change} ${replyWith} ${key}`);
  const approve = capability({
    input: z.object({ change: z.string() }),
    output: z.object({ approvedBy: z.string() }),
    async run({ change }, { completionToken, idempotencyKey }) {
      await askForApproval(change, { replyWith: completionToken, key: idempotencyKey });
      return later();
    },
  });
  const approver = defineAgent({
    name: "approver",
    version: "1",
    slots: 1,
    capabilities: { "change.approve": approve },
  });

  it("use all of the context", async () => {
    const { output, logs } = await runCapability(site, "publish", { pages: ["a", "b"] });
    expect(output).toEqual({ published: 2 });
    expect(published).toEqual(["test/step/0 a", "test/step/1 b"]);
    expect(logs).toMatchObject([{ message: "published" }]);
  });

  it("work without a schema library", async () => {
    const greet = capability({
      input: unchecked<{ name: string }>(),
      output: unchecked<string>(),
      run: ({ name }) => `Hello, ${name}`,
    });
    const greeter = defineAgent({ name: "greeter", version: "1", slots: 1, capabilities: { greet } });
    expect((await runCapability(greeter, "greet", { name: "Ada" })).output).toBe("Hello, Ada");
  });

  it("answer later", async () => {
    const run = await runCapability(approver, "change.approve", { change: "42" });
    expect(asked).toEqual([`42 ${run.completionToken} test/step`]);
  });

  it("fail as they say", () => {
    const spend = () => {
      throw new StepFailure("RESOURCE_EXHAUSTED", "the model's quota is spent", { retryAfterMs: 30_000 });
    };
    expect(spend).toThrow("the model's quota is spent");
  });
});

/** Compiled, and not run: these serve until a signal comes, call others, or log to the terminal. */
export const compiledOnly = {
  ping: capability({
    input: z.object({ url: z.string() }),
    output: z.object({ status: z.number() }),
    async run({ url }, { trace, signal }) {
      const answer = await fetch(url, { signal, headers: trace ? { traceparent: trace.traceparent } : {} });
      return { status: answer.status };
    },
  }),
  async serve(token: string) {
    await agent.serve();
    await agent.serve({ registry: "weft-registry:7401", token, drainGraceMs: 60_000 });
    await agent.serve({ idempotencyStore: { file: "/var/lib/reviewer/successes.db", keptMs: 3_600_000 } });
  },
  async stop(token: string) {
    const stop = new AbortController();
    const stopped = agent.serve({ registry: "127.0.0.1:7401", token, signal: stop.signal });
    stop.abort();
    await stopped;
  },
  log(log: Log, url: string, bytes: number) {
    log.info("page fetched", { url, bytes });
  },
};

describe("the documentation", () => {
  const own = bare(readFileSync(import.meta.filename, "utf8"));
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => ({ path, text: readFileSync(`${import.meta.dirname}/${path}`, "utf8") }));
  const readme = { path: "README.md", text: readFileSync(`${import.meta.dirname}/../README.md`, "utf8") };
  const withExamples = [readme, ...sources].filter(({ text }) => text.includes("```ts"));

  it.each(withExamples)("has no example in $path that is not compiled here", ({ text }) => {
    expect(paragraphsOf(text).filter((code) => !own.includes(bare(code)))).toEqual([]);
  });

  it.each([...Object.keys(sdk), ...Object.keys(testing)])("has an example of %s", (name) => {
    const documented = new RegExp(
      `@example(?:(?!\\*/)[^])*\\*/\\nexport (async )?(function|class) ${name}\\b`,
    );
    expect(sources.filter(({ text }) => documented.test(text))).toHaveLength(1);
  });

  function paragraphsOf(text: string): string[] {
    return [...text.matchAll(/```ts\n(.*?)```/gs)].flatMap(([, code = ""]) =>
      code.replaceAll(/^ *\*(?: |$)/gm, "").split("\n\n"),
    );
  }

  /** Without what a formatter adds. Imports differ, since a package does not import itself by its name. */
  function bare(code: string): string {
    return code
      .replaceAll(/^import .*$/gm, "")
      .replaceAll(/\s+/g, "")
      .replaceAll(/,(?=[)\]}])/g, "");
  }
});
