/** Why a step that is due has no agent, as the dispatcher sees it. */
export type SlotExplanation =
  /** No agent that is known offers the capability. */
  | { readonly kind: "no-agent" }
  /** Those that offer it take no new work: they are lost, silent, or draining. */
  | { readonly kind: "agents-unavailable"; readonly agents: number }
  | { readonly kind: "agents-full"; readonly agents: number; readonly position: number };
