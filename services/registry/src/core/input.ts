import type { Probe } from "./health.ts";
import type { Registration } from "./registration.ts";

/** What happens to an agent. `at` is monotonic milliseconds; `attach` numbers the attach that it happens on. */
export type Input =
  | {
      readonly kind: "agent.attaches";
      readonly attach: number;
      readonly registration: Registration;
      readonly at: number;
    }
  | {
      readonly kind: "agent.beats";
      readonly attach: number;
      readonly freeSlots: number;
      readonly draining: boolean;
      readonly loopLagMs?: number | undefined;
      readonly at: number;
    }
  | { readonly kind: "agent.probed"; readonly incarnation: string; readonly probe: Probe }
  /** An operator asks for it. */
  | { readonly kind: "agent.drains" }
  /** It says so in a call of its own. */
  | { readonly kind: "agent.leaves"; readonly incarnation: string }
  /** The agent ended its stream in good order. */
  | { readonly kind: "stream.ended"; readonly attach: number }
  | { readonly kind: "stream.lost"; readonly attach: number }
  | { readonly kind: "lease.ended"; readonly at: number; readonly massSilence: boolean };
