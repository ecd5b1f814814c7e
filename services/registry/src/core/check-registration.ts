import {
  capabilitiesMax,
  idLengthMax,
  labelsMax,
  labelValueLengthMax,
  nameLengthMax,
  slotsMax,
  versionLengthMax,
} from "./limits.ts";
import type { Problem } from "./problem.ts";
import { quoted } from "./quoted.ts";
import type { Capability, Registration } from "./registration.ts";

const id = textRule(/^[A-Za-z0-9_-]+$/, idLengthMax, 'letters, digits, "_" and "-"');
const name = textRule(/^[a-z0-9-]+$/, nameLengthMax, 'a-z, 0-9 and "-"');
const capabilityName = textRule(/^[a-z0-9.-]+$/, nameLengthMax, 'a-z, 0-9, "-" and "."');
const labelKey = textRule(/^[A-Za-z0-9._/-]+$/, nameLengthMax, 'letters, digits, ".", "_", "/" and "-"');

/** Every mistake in a registration, each with its field; none when it is good. */
export function checkRegistration(registration: Registration): readonly Problem[] {
  const { agentId, incarnation, version, address, slots, freeSlots, region, zone } = registration;
  return [
    ...checkAgentId(agentId),
    ...checkIncarnation(incarnation),
    ...found("name", name(registration.name)),
    ...found("version", atMost(version, versionLengthMax)),
    ...found("address", checkAddress(address)),
    ...checkCapabilities(registration.capabilities),
    ...found("slots", within(slots, 1, slotsMax)),
    ...found("free_slots", within(freeSlots, 0, Math.max(0, slots))),
    ...found("region", atMost(region, nameLengthMax)),
    ...found("zone", atMost(zone, nameLengthMax)),
    ...checkLabels(registration.labels),
    ...found("started_at", checkStart(registration.startedAt)),
  ];
}

/** What is wrong with an agent's id, if anything. */
export function checkAgentId(agentId: string): readonly Problem[] {
  return found("agent_id", id(agentId));
}

/** What is wrong with an incarnation, if anything. */
export function checkIncarnation(incarnation: string): readonly Problem[] {
  return found("incarnation", id(incarnation));
}

/** What is wrong with the name of a capability, if anything. */
export function checkCapabilityName(capability: string): readonly Problem[] {
  return found("capability", capabilityName(capability));
}

function checkCapabilities(capabilities: readonly Capability[]): readonly Problem[] {
  const { length } = capabilities;
  if (length < 1 || length > capabilitiesMax)
    return found("capabilities", `must be 1 to ${capabilitiesMax}; they are ${length}`);
  const firstPlaces = new Map<string, number>();
  return capabilities.flatMap((capability, place) => {
    const field = `capabilities[${place}]`;
    const first = firstPlaces.get(capability.name);
    if (first === undefined) firstPlaces.set(capability.name, place);
    return [
      ...found(`${field}.name`, capabilityName(capability.name)),
      ...found(`${field}.name`, first === undefined ? undefined : `is that of capabilities[${first}]`),
      ...found(`${field}.version`, atMost(capability.version, versionLengthMax)),
      ...found(`${field}.max_concurrency`, within(capability.concurrencyMax, 0, slotsMax)),
    ];
  });
}

function checkLabels(labels: Readonly<Record<string, string>>): readonly Problem[] {
  const entries = Object.entries(labels);
  if (entries.length > labelsMax)
    return found("labels", `must be at most ${labelsMax}; they are ${entries.length}`);
  return entries.flatMap(([key, value]) => [
    ...found(`labels[${quoted(key)}]`, labelKey(key)),
    ...found(`labels[${quoted(key)}]`, atMost(value, labelValueLengthMax)),
  ]);
}

function checkAddress(address: string): string | undefined {
  const [, port = ""] = /^(?:\[[0-9a-fA-F:.]{2,45}\]|[a-zA-Z0-9.-]{1,253}):(\d{1,5})$/.exec(address) ?? [];
  if (Number(port) >= 1 && Number(port) <= 65_535) return undefined;
  return `must be host:port, such as 10.0.0.7:7410; it is ${quoted(address)}`;
}

function checkStart(startedAt: number | undefined): string | undefined {
  return startedAt === undefined || startedAt >= 0 ? undefined : "must not be before 1970";
}

function textRule(pattern: RegExp, lengthMax: number, described: string) {
  return (text: string): string | undefined =>
    pattern.test(text) && text.length <= lengthMax
      ? undefined
      : `must be 1 to ${lengthMax} of ${described}; it is ${quoted(text)}`;
}

function atMost(text: string, lengthMax: number): string | undefined {
  return text.length <= lengthMax ? undefined : `must be at most ${lengthMax} characters`;
}

function within(value: number, min: number, max: number): string | undefined {
  return value >= min && value <= max ? undefined : `must be ${min} to ${max}; it is ${value}`;
}

function found(field: string, message: string | undefined): readonly Problem[] {
  return message === undefined ? [] : [{ field, message }];
}
