import { StepClock } from "@weft/runtime/step-clock";
import { expect, it } from "vitest";
import { storyStartMs } from "../testing/story.ts";
import { testScreen } from "../testing/test-terminal.ts";
import { consoleLogger } from "./console-logger.ts";

const clock = new StepClock(storyStartMs);

it("tells what is wrong in a line, and nothing else", () => {
  const { screen, lines } = testScreen();
  const logger = consoleLogger("registry", { screen, clock, verbose: false });
  logger.info({}, "started");
  logger.warn({ agentId: "a1", count: 3, err: new Error("gone") }, "agent lost");
  expect(lines()).toEqual(["12:00:00.000  warn   registry  agent lost  agentId=a1  count=3  gone"]);
});

it("tells everything when it is asked to", () => {
  const { screen, text } = testScreen();
  const logger = consoleLogger("registry", { screen, clock, verbose: true });
  logger.debug({}, "looked");
  logger.error({ err: new Error("gone") }, "failed");
  expect(text()).toMatch(
    /debug {2}registry {2}looked\n.*error {2}registry {2}failed {2}gone\nError: gone\n\s+at /,
  );
});
