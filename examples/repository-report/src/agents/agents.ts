import { analyst } from "./analyst.ts";
import { collector } from "./collector.ts";
import { reporter } from "./reporter.ts";

/** The agents of this example, by the name under which a process is told to be one. */
export const agents = { collector, analyst, reporter };

export function isAgent(text: string): text is keyof typeof agents {
  return Object.hasOwn(agents, text);
}
