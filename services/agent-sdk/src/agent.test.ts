import { expect, it } from "vitest";
import { defineAgent } from "./define-agent.ts";
import { unchecked } from "./schema.ts";

const echo = { input: unchecked<string>(), output: unchecked<string>(), run: (text: string) => text };

it("takes a definition as it is", () => {
  const agent = defineAgent({ name: "a-1", version: "1", slots: 1, capabilities: { "a.b-c": echo } });
  expect(agent).toMatchObject({ name: "a-1", slots: 1, capabilities: { "a.b-c": echo } });
});

it("refuses a bad definition with every problem at once", () => {
  const capabilities = { "No Good": echo, "a.b": { ...echo, maxConcurrency: 0 } };
  expect(() => defineAgent({ name: "A_1", version: "", slots: 0.5, capabilities })).toThrow(
    'the agent is not valid: name "A_1" is not 1 to 63 of a-z, 0-9 and "-"; version is empty; ' +
      'slots 0.5 is not a whole number from 1 to 4096; capability "No Good" is not 1 to 63 of a-z, 0-9, "-" and "."; ' +
      "maxConcurrency 0 of a.b is not a whole number from 1 to 4096",
  );
  expect(() => defineAgent({ name: "a", version: "1", slots: 1, capabilities: {} })).toThrow(
    "capabilities is empty",
  );
});
