import { capability, defineAgent, StepFailure } from "@weft/agent-sdk";
import { z } from "zod";

/** An agent that logs, throws and fails, for the test of what lines of the log say. */
const anything = z.unknown();

const agent = defineAgent({
  name: "talkative",
  version: "1.0.0",
  slots: 4,
  capabilities: {
    "talk.say": capability({
      input: anything,
      output: anything,
      run(input, { log }) {
        log.info("said", { token: "sesame", words: 2 });
        return input;
      },
    }),
    "talk.throw": capability({
      input: anything,
      output: anything,
      run() {
        throw new TypeError("no such word");
      },
    }),
    "talk.fail": capability({
      input: anything,
      output: anything,
      run() {
        throw new StepFailure("UNAVAILABLE", "hoarse");
      },
    }),
  },
});

await agent.serve({ agentId: "talkative" });
