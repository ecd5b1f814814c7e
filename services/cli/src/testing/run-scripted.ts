import { StepClock } from "@weft/runtime/step-clock";
import { type Script, serveScript } from "./scripted-services.ts";
import { storyStartMs } from "./story.ts";
import { runLine, type TestWorldOptions } from "./test-world.ts";

/** Runs a command line to its end against these answers, a minute after the story began. */
export async function runScripted(script: Script, line: readonly string[], options: TestWorldOptions = {}) {
  const { address, stop } = await serveScript(script);
  try {
    const clock = new StepClock(storyStartMs + 60_000);
    const { exitCode, out, err } = runLine(line, { address, clock, ...options });
    return { exitCode: await exitCode, out: out.lines(), err: err.lines(), text: out.text() };
  } finally {
    await stop();
  }
}
