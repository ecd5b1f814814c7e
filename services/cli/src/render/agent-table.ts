import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Agent, AgentState } from "@weft/proto/weft/registry/v1/registry_pb";
import { type AgentSeen, type AgentsSeen, slowdownOf } from "../agents-seen.ts";
import { enumName } from "./enum-name.ts";
import { type Line, lineOf, type Span, spanOf } from "./line.ts";
import { speedText } from "./speed-text.ts";
import { type Column, tableLines } from "./table.ts";
import { durationText } from "./time.ts";

const table: readonly Column[] = [
  { title: "AGENT", widthMin: 16 },
  { title: "STATE" },
  { title: "FREE SLOTS" },
  { title: "CAPABILITIES", widthMin: 14 },
  { title: "SPEED" },
  { title: "LEASE", align: "right" },
  { title: "PROBLEM", widthMin: 12, isExtra: true },
  { title: "ZONE", isExtra: true },
  { title: "ADDRESS", isExtra: true },
  { title: "VERSION", isExtra: true },
];

/** One mark for each slot, up to so many slots. */
const marksMax = 10;

/** From then on the agent itself warns. */
const lagMsHigh = 250;

/** So many times slower than the fleet is worth a look. */
const slowMin = 1.5;

/** Agents as rows, or a sentence when there are none; without an orchestrator, nothing of what it has seen. */
export function agentTable(
  agents: readonly Agent[],
  seen: AgentsSeen | undefined,
  columns: number,
): readonly Line[] {
  if (agents.length === 0) return [lineOf("no agents", "dim")];
  const rows = agents.map((agent) => row(agent, seen?.(agent.agentId)));
  return tableLines(table, rows, columns);
}

function row(agent: Agent, seen: AgentSeen | undefined): readonly Line[] {
  const { agentId, state, capabilities, version, zone, address, leaseLeft } = agent;
  return [
    lineOf(agentId, "bold"),
    [stateSpan(state)],
    slotsLine(agent),
    lineOf(capabilities.map(({ name }) => name).join(", ")),
    seen ? [speedSpan(slowdownOf(seen.records))] : [],
    lineOf(leaseLeft ? durationText(durationMs(leaseLeft)) : "", "dim"),
    lineOf(problemText(agent, seen?.failing ?? []), "red"),
    lineOf(zone),
    lineOf(address, "dim"),
    lineOf(version, "dim"),
  ];
}

function problemText({ health, eventLoopLag }: Agent, failing: readonly string[]): string {
  const problems = health?.problem ? [health.problem] : [];
  const lagMs = eventLoopLag ? durationMs(eventLoopLag) : 0;
  if (lagMs >= lagMsHigh) problems.push(`its event loop was held up for ${durationText(lagMs)}`);
  if (failing.length > 0) problems.push(`keeps failing at ${failing.join(", ")}`);
  return problems.join("; ");
}

export function speedSpan(slowdown: number | undefined): Span {
  return spanOf(speedText(slowdown), slowdown !== undefined && slowdown >= slowMin ? "yellow" : undefined);
}

/** "■■□□ 2/4": free slots are filled. */
export function slotsLine({ slots, freeSlots }: Agent): Line {
  const count = spanOf(`${freeSlots}/${slots}`, freeSlots === 0 ? "yellow" : undefined);
  if (slots > marksMax) return [count];
  return [
    spanOf("■".repeat(Math.max(0, freeSlots)), "green"),
    spanOf("□".repeat(Math.max(0, slots - freeSlots)), "dim"),
    { text: " " },
    count,
  ];
}

export function stateSpan(state: AgentState): Span {
  const word = enumName(AgentState, state).toLowerCase();
  switch (state) {
    case AgentState.READY:
      return spanOf(word, "green");
    case AgentState.SUSPECT:
    case AgentState.UNHEALTHY:
    case AgentState.GONE:
      return spanOf(word, "red");
    default:
      return spanOf(word, "yellow");
  }
}
