import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Agent, Capability } from "@weft/proto/weft/registry/v1/registry_pb";
import { type AgentSeen, slowdownOf } from "../agents-seen.ts";
import { slotsLine, speedSpan, stateSpan } from "./agent-table.ts";
import { type Line, lineOf, type Span, spanOf } from "./line.ts";
import { type Column, tableLines } from "./table.ts";
import { agoText, durationText, msOf } from "./time.ts";

const nameColumns = 12;

const table: readonly Column[] = [
  { title: "CAPABILITY", widthMin: 14 },
  { title: "VERSION" },
  { title: "AT ONCE", align: "right" },
  { title: "RUNNING", align: "right" },
  { title: "SPEED" },
  { title: "FAILS", align: "right" },
  { title: "BREAKER" },
];

/** All that is known of one agent; without an orchestrator, what the registry knows. */
export function agentLines(
  agent: Agent,
  seen: AgentSeen | undefined,
  { nowMs, columns }: { readonly nowMs: number; readonly columns: number },
): readonly Line[] {
  const rows = agent.capabilities.map((capability) => row(capability, seen));
  return [
    [spanOf(agent.agentId, "bold"), { text: "  " }, stateSpan(agent.state)],
    ...facts(agent, seen, nowMs).map(([name, value]) => [
      spanOf(`  ${name.padEnd(nameColumns)}`, "dim"),
      ...value,
    ]),
    [],
    ...tableLines(table, rows, columns),
  ];
}

type Fact = readonly [name: string, value: Line];

/** Those that are known. */
function facts(agent: Agent, seen: AgentSeen | undefined, nowMs: number): readonly Fact[] {
  const { name, version, address, incarnation, region, zone, labels, leaseLeft, startedAt } = agent;
  const startedMs = msOf(startedAt);
  const slowdown = seen && slowdownOf(seen.records);
  const all: Fact[] = [
    ["is", lineOf(`${name} ${version}`.trim())],
    ["address", lineOf(address)],
    ["incarnation", lineOf(incarnation)],
    ["place", lineOf([region, zone].filter(Boolean).join(" / "))],
    ["labels", lineOf(labelsText(labels))],
    ["started", lineOf(startedMs === undefined ? "" : agoText(nowMs - startedMs))],
    ["slots", [...slotsLine(agent), { text: " free" }]],
    ["lease", lineOf(leaseLeft ? `${durationText(durationMs(leaseLeft))} left` : "")],
    ["health", lineOf(healthText(agent))],
    ["event loop", lineOf(lagText(agent))],
    ["speed", slowdown === undefined ? [] : [speedSpan(slowdown)]],
  ];
  return all.filter(([, value]) => value.some(({ text }) => text !== ""));
}

function labelsText(labels: Agent["labels"]): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

function healthText({ health }: Agent): string {
  if (!health?.sinceLastProbe) return "";
  const asked = `asked ${agoText(durationMs(health.sinceLastProbe))}`;
  if (!health.problem) return `serves, ${asked}`;
  return `${health.problem}, ${asked}; failed probes in a row: ${health.failuresInRow}`;
}

function lagText({ eventLoopLag }: Agent): string {
  return eventLoopLag ? `held up for ${durationText(durationMs(eventLoopLag))} at most of late` : "";
}

function row({ name, version, maxConcurrency }: Capability, seen: AgentSeen | undefined): readonly Line[] {
  const record = seen?.records.find(({ capability }) => capability === name);
  return [
    lineOf(name, "bold"),
    lineOf(version, "dim"),
    lineOf(maxConcurrency === 0 ? "all" : String(maxConcurrency)),
    lineOf(record ? String(record.inFlight) : ""),
    record ? [speedSpan(slowdownOf([record]))] : [],
    lineOf(record ? `${Math.round(record.errorRate * 100)} %` : ""),
    seen?.failing.includes(name) ? [openBreaker] : [],
  ];
}

const openBreaker: Span = spanOf("not closed", "red");
