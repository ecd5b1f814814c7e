import { describe, expect, it } from "vitest";
import { checkRegistration } from "./check-registration.ts";
import type { Registration } from "./registration.ts";
import { sampleRegistration } from "./registration-sample.ts";

function fieldsAtFault(differing: Partial<Registration>): string[] {
  return checkRegistration(sampleRegistration(differing)).map(({ field }) => field);
}

const capability = (name: string, concurrencyMax = 0) => ({ name, version: "", concurrencyMax });

describe("a registration", () => {
  it("is good as it is", () => {
    expect(fieldsAtFault({})).toEqual([]);
  });

  it("may be large", () => {
    const capabilities = Array.from({ length: 256 }, (_, n) => capability(`c.${n}`, 10_000));
    const labels = Object.fromEntries(
      Array.from({ length: 32 }, (_, n) => [`weft.dev/l-${n}`, "x".repeat(256)]),
    );
    const longest = { agentId: "a".repeat(128), name: "a".repeat(63), version: "v".repeat(64) };
    expect(fieldsAtFault({ ...longest, capabilities, labels, slots: 10_000, freeSlots: 10_000 })).toEqual([]);
  });

  it.each(["10.0.0.7:1", "agent.example.com:65535", "[::1]:7410"])("may have the address %s", (address) => {
    expect(fieldsAtFault({ address })).toEqual([]);
  });

  it.each(["", "host", "host:0", "host:65536", "::1:7410", "http://host:1", "a b:1", ":1"])(
    "may not have the address %j",
    (address) => {
      expect(fieldsAtFault({ address })).toEqual(["address"]);
    },
  );

  it.each<[string, Partial<Registration>]>([
    ["agent_id", { agentId: "" }],
    ["agent_id", { agentId: "a.b" }],
    ["incarnation", { incarnation: "a".repeat(129) }],
    ["name", { name: "Reviewer" }],
    ["version", { version: "v".repeat(65) }],
    ["slots", { slots: 0, freeSlots: 0 }],
    ["slots", { slots: 10_001 }],
    ["free_slots", { freeSlots: 5 }],
    ["free_slots", { freeSlots: -1 }],
    ["region", { region: "r".repeat(64) }],
    ["zone", { zone: "z".repeat(64) }],
    ["capabilities", { capabilities: [] }],
    ["capabilities", { capabilities: Array.from({ length: 257 }, (_, n) => capability(`c${n}`)) }],
    ["capabilities[0].name", { capabilities: [capability("code review")] }],
    ["capabilities[1].name", { capabilities: [capability("a"), capability("a")] }],
    ["capabilities[0].max_concurrency", { capabilities: [capability("a", -1)] }],
    ["capabilities[0].version", { capabilities: [{ ...capability("a"), version: "v".repeat(65) }] }],
    ["labels", { labels: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, ""])) }],
    ["started_at", { startedAt: -1 }],
    ['labels["a b"]', { labels: { "a b": "" } }],
    ['labels["a"]', { labels: { a: "x".repeat(257) } }],
  ])("with a bad %s is told so", (field, differing) => {
    expect(fieldsAtFault(differing)).toEqual([field]);
  });

  it("is told all its mistakes at once, with the values that are wrong", () => {
    const problems = checkRegistration(
      sampleRegistration({ agentId: "a b", slots: 0, freeSlots: 1, address: "nowhere", labels: { "?": "" } }),
    );
    expect(problems.map(({ field, message }) => `${field} ${message}`)).toEqual([
      'agent_id must be 1 to 128 of letters, digits, "_" and "-"; it is "a b"',
      'address must be host:port, such as 10.0.0.7:7410; it is "nowhere"',
      "slots must be 1 to 10000; it is 0",
      "free_slots must be 0 to 0; it is 1",
      'labels["?"] must be 1 to 63 of letters, digits, ".", "_", "/" and "-"; it is "?"',
    ]);
  });
});
