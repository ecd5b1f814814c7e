import { capability, defineAgent } from "@weft/agent-sdk";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../harness/folder.ts";
import { until } from "../harness/until.ts";
import { startWeftDev } from "../harness/weft-dev.ts";
import { ended, start, startOf, storyOf } from "./executions.ts";
import { serveAgent } from "./served-agent.ts";

const hanging = "workflow: hanging\nversion: 1\nsteps:\n  - { id: hang, capability: test.hang }\n";
const long = "workflow: long\nversion: 1\nsteps:\n  - { id: long, capability: test.long }\n";
const cancels = 3_000;

/** An agent whose handlers end when they are cancelled, or when the test lets them. */
function hangingAgent() {
  const seen = { running: 0, cancelled: 0, longRuns: 0, longWasAborted: false };
  const gate = Promise.withResolvers<string>();
  const anything = z.unknown();
  const agent = defineAgent({
    name: "hanging",
    version: "1.0.0",
    slots: 4_000,
    capabilities: {
      "test.hang": capability({
        input: anything,
        output: anything,
        run(_, { signal }) {
          seen.running++;
          return new Promise<never>((_resolve, reject) =>
            signal.addEventListener("abort", () => {
              seen.cancelled++;
              reject(signal.reason as Error);
            }),
          );
        },
      }),
      "test.long": capability({
        input: anything,
        output: anything,
        run(_, { signal }) {
          seen.longRuns++;
          signal.addEventListener("abort", () => {
            seen.longWasAborted = true;
          });
          return gate.promise;
        },
      }),
    },
  });
  return { agent, seen, gate };
}

// A thousand stream resets would make HTTP/2's rapid-reset defence close the connection under the long step.
test("3,000 cancels at once leave an unrelated long step on the same agent alone", async () => {
  const dev = await startWeftDev(temporaryFolder());
  onTestFinished(() => dev.close());
  const { agent, seen, gate } = hangingAgent();
  serveAgent(dev, agent);
  const longId = await start(dev, long);
  await until("the long step to run", () => seen.longRuns > 0);
  const ids: string[] = [];
  for (let batch = 0; batch < 3; batch++) {
    const requests = Array.from({ length: cancels / 3 }, () => startOf(hanging));
    const { results } = await dev.orchestrator.startExecutions({ requests });
    for (const { result } of results) ids.push(result.case === "started" ? result.value.executionId : "");
  }
  await until("all to run", () => seen.running === cancels);

  await Promise.all(ids.map((executionId) => dev.orchestrator.cancelExecution({ executionId })));
  await until("all handlers to be cancelled", () => seen.cancelled === cancels);

  expect(seen).toMatchObject({ longRuns: 1, longWasAborted: false });
  gate.resolve("done");
  await ended(dev, longId);
  expect(await storyOf(dev, longId)).toEqual([
    "executionStarted",
    "stepStarted",
    "stepSucceeded",
    "executionSucceeded",
  ]);
}, 120_000);
