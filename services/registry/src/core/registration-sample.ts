import type { Registration } from "./registration.ts";

/** A good registration, for tests, with what the test is about. */
export function sampleRegistration(differing: Partial<Registration> = {}): Registration {
  return {
    agentId: "reviewer-1",
    incarnation: "first",
    name: "reviewer",
    version: "1.4.0",
    address: "127.0.0.1:7410",
    capabilities: [{ name: "code.review", version: "1", concurrencyMax: 0 }],
    slots: 4,
    freeSlots: 4,
    region: "",
    zone: "",
    labels: {},
    startedAt: undefined,
    ...differing,
  };
}
