import { writeFileSync } from "node:fs";
import type { CrashPoint, Place } from "./points.ts";

/** What the process is told to die of, if anything. In the environment, so that its threads know too. */
export type Armed = { readonly point: CrashPoint; readonly marker: string };

export const armedVariable = "WEFT_TEST_CRASH";

export function readArmed(): Armed | undefined {
  const text = process.env[armedVariable];
  return text ? (JSON.parse(text) as Armed) : undefined;
}

const armed = readArmed();
let passings = 0;

/** Dies, when this is the place, and it comes by as often as it was told. The marker says that it was here. */
export function passBy(isHere: (place: Place) => boolean): void {
  if (!armed || !isHere(armed.point.at)) return;
  passings++;
  if (passings < (armed.point.passing ?? 1)) return;
  writeFileSync(armed.marker, armed.point.name);
  process.kill(process.pid, "SIGKILL");
  // The signal ends every thread; this one must not do anything more until then.
  for (;;);
}
