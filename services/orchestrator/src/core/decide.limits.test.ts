import { describe, expect, it } from "vitest";
import { defaultExecutionLimits } from "./limits.ts";
import { beginStory, testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({ steps: [{ id: "a" }, { id: "b", dependsOn: ["a"] }] });
const within = (limits: Partial<typeof defaultExecutionLimits>, of = workflow) =>
  beginStory(of, "e1", { ...defaultExecutionLimits, ...limits });

describe("a payload", () => {
  it("of exactly the limit passes", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/1 "345678"
          - step.succeeded a/1/1 "345678"
          → due b +0
      > due b at x
          - step.started b/1/1 at x {}
          → send b/1/1 to x {} until +600000
    `;
    expect(told(within({ payloadBytesMax: 8 }), story)).toBe(story);
  });

  it("that is longer fails its step without a retry, and that the step has run is on record", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/1 "3456789"
          - step.attempt_failed a/1/1 OUT_OF_RANGE PAYLOAD_TOO_LARGE: the output of step a has 9 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          - step.failed a OUT_OF_RANGE PAYLOAD_TOO_LARGE: the output of step a has 9 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          - step.succeeded_late a/1/1 null
          - execution.failed OUT_OF_RANGE PAYLOAD_TOO_LARGE in a: the output of step a has 9 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          → cancel a/1/1 at x because the step failed
          → ended FAILED +0
      > succeeded a/1/1 "3456789"
          = nothing
    `;
    expect(told(within({ payloadBytesMax: 8 }), story)).toBe(story);
  });

  it("is measured in bytes, not in characters", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/1 "äöü6"
          - step.attempt_failed a/1/1 OUT_OF_RANGE PAYLOAD_TOO_LARGE: the output of step a has 9 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          - step.failed a OUT_OF_RANGE PAYLOAD_TOO_LARGE: the output of step a has 9 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          - step.succeeded_late a/1/1 null
          - execution.failed OUT_OF_RANGE PAYLOAD_TOO_LARGE in a: the output of step a has 9 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          → cancel a/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(within({ payloadBytesMax: 8 }), story)).toBe(story);
  });

  it("that is a step's input fails the step before it is sent", () => {
    const long = testWorkflow({ steps: [{ id: "a", with: { text: "more than a few bytes" } }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.failed a OUT_OF_RANGE PAYLOAD_TOO_LARGE: the input of step a has 32 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          - execution.failed OUT_OF_RANGE PAYLOAD_TOO_LARGE in a: the input of step a has 32 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference
          → ended FAILED +0
    `;
    expect(told(within({ payloadBytesMax: 8 }, long), story)).toBe(story);
  });

  it("that completes a step by token is refused, and the step waits for one that fits", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > later a/1/1
          - step.waiting a/1/1
          → timer step.timed_out a +600000
      > complete a/1/1 with "3456789"
          ! REQUEST_INVALID: the output is too large [output: the output of step a has 9 bytes; the limit (payloadBytesMax) is 8. Pass large data by reference]
      > complete a/1/1 with "345678"
          - step.succeeded a/1/1 "345678"
          → due b +0
      > complete a/1/1 with "3456789"
          = nothing
    `;
    expect(told(within({ payloadBytesMax: 8 }), story)).toBe(story);
  });

  it("that comes late is on record without its content", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > cancel
          - execution.cancel_requested by ada
          - step.cancelled a
          - execution.cancelled
          → cancel a/1/1 at x because the execution was cancelled
          → ended CANCELLED +0
      > succeeded a/1/1 "3456789"
          - step.succeeded_late a/1/1 null
    `;
    expect(told(within({ payloadBytesMax: 8 }), story)).toBe(story);
  });
});

describe("all payloads of an execution", () => {
  const alone = testWorkflow({ steps: [{ id: "a" }], output: "${steps.a.output}" });

  it("may be as many bytes as the limit, the result included", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/1 "34"
          - step.succeeded a/1/1 "34"
          - execution.succeeded "34"
          → ended SUCCEEDED +0
    `;
    expect(told(within({ executionBytesMax: 12 }, alone), story)).toBe(story);
  });

  it("are one byte too many with the result", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at y
          - step.started a/1/1 at y {}
          → send a/1/1 to y {} until +600000
      > succeeded a/1/1 "34"
          - step.succeeded a/1/1 "34"
          - execution.failed OUT_OF_RANGE EXECUTION_TOO_LARGE: with its result the execution's payloads are more than 11 bytes (executionBytesMax)
          → ended FAILED +0
    `;
    expect(told(within({ executionBytesMax: 11 }, alone), story)).toBe(story);
  });

  it("are too many with the output of a step", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at z
          - step.started a/1/1 at z {}
          → send a/1/1 to z {} until +600000
      > succeeded a/1/1 "34"
          - step.attempt_failed a/1/1 OUT_OF_RANGE EXECUTION_TOO_LARGE: with the output of step a the execution's payloads are more than 7 bytes (executionBytesMax)
          - step.failed a OUT_OF_RANGE EXECUTION_TOO_LARGE: with the output of step a the execution's payloads are more than 7 bytes (executionBytesMax)
          - step.succeeded_late a/1/1 null
          - execution.failed OUT_OF_RANGE EXECUTION_TOO_LARGE in a: with the output of step a the execution's payloads are more than 7 bytes (executionBytesMax)
          → cancel a/1/1 at z because the step failed
          → ended FAILED +0
    `;
    expect(told(within({ executionBytesMax: 7 }, alone), story)).toBe(story);
  });

  it("are too many with what completes a step by token, which is refused", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > complete a/1/1 with "34"
          ! REQUEST_INVALID: the output is too large [output: with the output of step a the execution's payloads are more than 7 bytes (executionBytesMax)]
      > complete a/1/1 with 1
          - step.succeeded a/1/1 1
          - execution.succeeded 1
          → ended SUCCEEDED +0
    `;
    expect(told(within({ executionBytesMax: 7 }, alone), story)).toBe(story);
  });

  it("are too many with the input of a step, which is counted when it is recorded and never again", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > rejected a/1/1 full
          - step.failed_over a/1/1 from x because full, due +0
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > succeeded a/1/2 1
          - step.succeeded a/1/2 1
          → due b +0
      > due b at x
          - step.failed b OUT_OF_RANGE EXECUTION_TOO_LARGE: with the input of step b the execution's payloads are more than 6 bytes (executionBytesMax)
          - execution.failed OUT_OF_RANGE EXECUTION_TOO_LARGE in b: with the input of step b the execution's payloads are more than 6 bytes (executionBytesMax)
          → ended FAILED +0
    `;
    expect(told(within({ executionBytesMax: 6 }), story)).toBe(story);
  });
});

describe("variables", () => {
  const ofWorkflow = testWorkflow({ vars: { a: 1, big: "${input.text}" }, steps: [{ id: "a", with: 1 }] });
  const ofStep = testWorkflow({ steps: [{ id: "a", vars: { a: 1, big: "${input.text}" }, with: 1 }] });

  it("of a workflow may be as many bytes as a payload", () => {
    const story = `
      > start {"text":"1234567890123"}
          - execution.started {"text":"1234567890123"} with vars {"a":1,"big":"1234567890123"}
          → due a +0
    `;
    expect(told(within({ payloadBytesMax: 29 }, ofWorkflow), story)).toBe(story);
  });

  it("of a workflow refuse the start when they are larger, and the largest is named", () => {
    const story = `
      > start {"text":"12345678901234"}
          ! REQUEST_INVALID: the definition's variables can not be computed from this input [input: vars has 30 bytes; the limit (payloadBytesMax) is 29. Pass large data by reference. The largest is "big"]
    `;
    expect(told(within({ payloadBytesMax: 29 }, ofWorkflow), story)).toBe(story);
  });

  it("of a step fail it when they are larger than a payload, and the largest is named", () => {
    const story = `
      > start {"text":"12345678901234"}
          - execution.started {"text":"12345678901234"}
          → due a +0
      > due a at x
          - step.failed a OUT_OF_RANGE PAYLOAD_TOO_LARGE: vars of step a has 30 bytes; the limit (payloadBytesMax) is 29. Pass large data by reference. The largest is "big"
          - execution.failed OUT_OF_RANGE PAYLOAD_TOO_LARGE in a: vars of step a has 30 bytes; the limit (payloadBytesMax) is 29. Pass large data by reference. The largest is "big"
          → ended FAILED +0
    `;
    expect(told(within({ payloadBytesMax: 29 }, ofStep), story)).toBe(story);
  });
});
