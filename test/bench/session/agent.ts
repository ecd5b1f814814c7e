import { capability, defineAgent } from "@weft/agent-sdk";
import { payloadBytes } from "./payload.ts";

const anything = {
  "~standard": { version: 1, vendor: "weft-bench", validate: (value: unknown) => ({ value }) },
} as const;

const result = "x".repeat(payloadBytes - 2);

/** Gives back what it is given, or a payload, or nothing until it is cancelled. */
export const sessionAgent = defineAgent({
  name: "session",
  version: "1.0.0",
  slots: 64,
  capabilities: {
    echo: capability({ input: anything, output: anything, run: (input) => input }),
    give: capability({ input: anything, output: anything, run: () => result }),
    hang: capability({
      input: anything,
      output: anything,
      run: (_, { signal }) =>
        new Promise<never>((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason as Error)),
        ),
    }),
  },
});
