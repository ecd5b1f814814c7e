import { expect, it } from "vitest";
import { createLogger } from "./logger.ts";

function written(level = "info") {
  const lines: string[] = [];
  const logger = createLogger("registry", level, { write: (line) => void lines.push(line) });
  return { logger, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>), lines };
}

it("writes a line of JSON: level, time, service, fields, message", () => {
  const { logger, parsed } = written();
  logger.warn({ agentId: "a", reason: "gone" }, "agent lost");
  expect(parsed()).toEqual([
    {
      level: "warn",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: "registry",
      agentId: "a",
      reason: "gone",
      message: "agent lost",
    },
  ]);
});

it("writes an error with its stack, in one line", () => {
  const { logger, parsed } = written();
  logger.error({ err: new TypeError("a\nb") }, "failed");
  expect(parsed()).toMatchObject([
    { message: "failed", err: { type: "TypeError", message: "a\nb", stack: expect.stringContaining("at ") } },
  ]);
});

it("leaves out what is below its level", () => {
  const { logger, parsed } = written("warn");
  logger.debug({}, "no");
  logger.info({}, "no");
  logger.error({}, "yes");
  expect(parsed().map(({ message }) => message)).toEqual(["yes"]);
});

it("never writes a credential, wherever it comes from", () => {
  const { logger, lines } = written();
  logger.info({ token: "sesame", headers: { authorization: "Bearer sesame" } }, "called");
  logger.error({ err: new Error("refused: Bearer sesame") }, "Bearer sesame was refused");
  expect(lines.join("")).not.toContain("sesame");
  expect(lines).toHaveLength(2);
});
