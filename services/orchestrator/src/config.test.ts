import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { defaultDefinitionLimits, defaultExecutionLimits } from "./core/limits.ts";

const names = {
  WEFT_STEPS_MAX: "stepsMax",
  WEFT_DEFINITION_BYTES_MAX: "definitionBytesMax",
  WEFT_LABELS_MAX: "labelsMax",
  WEFT_EXPRESSION_LENGTH_MAX: "expressionLengthMax",
  WEFT_FAN_OUT_MAX: "fanOutMax",
  WEFT_PAYLOAD_BYTES_MAX: "payloadBytesMax",
  WEFT_PAYLOAD_BYTES_WARN: "payloadBytesWarn",
  WEFT_EXECUTION_BYTES_MAX: "executionBytesMax",
} as const;

function limitsOf(env: Readonly<Record<string, string>>) {
  const { definitionLimits, executionLimits } = readConfig(env);
  return { ...definitionLimits, ...executionLimits };
}

describe("the orchestrator's limits", () => {
  it("have defaults", () => {
    expect(limitsOf({})).toEqual({ ...defaultDefinitionLimits, ...defaultExecutionLimits });
  });

  it("are each read from a variable", () => {
    const values = [20, 4_096, 5, 100, 30, 2_048, 1_024, 8_192].map(String);
    const variables = Object.keys(names) as (keyof typeof names)[];
    const env = Object.fromEntries(variables.map((name, index) => [name, values[index]!]));
    expect(limitsOf(env)).toEqual(
      Object.fromEntries(variables.map((name, index) => [names[name], Number(values[index])])),
    );
  });

  it.each([
    ["WEFT_STEPS_MAX", "0", "a whole number from 1 to 100000"],
    ["WEFT_DEFINITION_BYTES_MAX", "4194305", "a whole number from 1024 to 4194304"],
    ["WEFT_LABELS_MAX", "-1", "a whole number from 0 to 256"],
    ["WEFT_EXPRESSION_LENGTH_MAX", "1001", "a whole number from 1 to 1000"],
    ["WEFT_FAN_OUT_MAX", "many", "a whole number from 1 to 100000"],
    ["WEFT_PAYLOAD_BYTES_MAX", "8388609", "a whole number from 1024 to 8388608"],
    ["WEFT_PAYLOAD_BYTES_WARN", "1048577", "a whole number from 1 to 1048576"],
    ["WEFT_EXECUTION_BYTES_MAX", "1048575", "a whole number from 1048576 to 1073741824"],
  ])("are refused beyond what can be kept: %s=%s", (name, value, expected) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      `${name}=${JSON.stringify(value)}: expected ${expected}`,
    );
  });

  it("keep to one another: a small payload limit is warned of no later than it refuses", () => {
    expect(limitsOf({ WEFT_PAYLOAD_BYTES_MAX: "1024" })).toMatchObject({ payloadBytesWarn: 1_024 });
    expect(limitsOf({ WEFT_PAYLOAD_BYTES_MAX: "8388608" })).toMatchObject({ payloadBytesWarn: 262_144 });
  });
});
