import { type Agent, DrainAgentResponseSchema } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code } from "@weft/runtime/grpc";
import { command, required } from "../arguments/command.ts";
import { flag, text } from "../arguments/option.ts";
import { CallError } from "../call-error.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { type Line, lineOf } from "../render/line.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

const betweenLooksMs = 500;

/** `weft drain`: gives an agent no more work. */
export const drainCommand = command({
  name: "drain",
  group: "Agents:",
  summary: "Let an agent finish its work and take no more",
  details: `It stays so until its process ends; the next one takes work again. What runs there runs on, so it is safe to
stop the agent once it is idle: --wait ends then.`,
  arguments: { agent: required("its id") },
  options: {
    incarnation: text("id", "only this process of it; refused when another has taken its place"),
    wait: flag("end when it is idle, or gone"),
  },
  examples: [
    ["weft drain reviewer-7c1f2a9b", "weft agents shows it as draining"],
    ["weft drain reviewer-7c1f2a9b --wait", "before its machine goes down"],
  ],
  async run({ arguments: { agent: agentId }, options: { incarnation = "", wait } }, context) {
    const { connection, out, form } = context;
    const response = await connection
      .registry()
      .call((client, options) => client.drainAgent({ agentId, incarnation }, options));
    const { agent } = response;
    if (form === "json") writeDocument(out, DrainAgentResponseSchema, response);
    else writeLines(out, [agent ? stateLine(agent) : lineOf(`${agentId} drains`)]);
    if (wait && agent) await untilIdle(agent, context);
    return exitCodes.succeeded;
  },
});

/** Of the same process: one that takes its place is not waited for. */
async function untilIdle(drained: Agent, context: Context): Promise<void> {
  const { agentId, incarnation } = drained;
  let busy = busySlots(drained);
  while (busy > 0) {
    await pause(context);
    const agent = await find(agentId, context);
    if (agent?.incarnation !== incarnation) return tell(`${agentId} is gone`, context);
    if (busySlots(agent) !== busy) tell(stateText(agent), context);
    busy = busySlots(agent);
  }
}

async function find(agentId: string, { connection }: Context): Promise<Agent | undefined> {
  try {
    const { agent } = await connection
      .registry()
      .call((client, options) => client.getAgent({ agentId }, options));
    return agent;
  } catch (error) {
    if (error instanceof CallError && error.cause.code === Code.NOT_FOUND) return undefined;
    throw error;
  }
}

function pause({ clock }: Context): Promise<void> {
  return new Promise((resolve) => clock.after(betweenLooksMs, resolve));
}

function tell(said: string, { err }: Context): void {
  writeLines(err, [lineOf(said)]);
}

function stateLine(agent: Agent): Line {
  return lineOf(stateText(agent));
}

function stateText(agent: Agent): string {
  const busy = busySlots(agent);
  return busy === 0
    ? `${agent.agentId} drains, and is idle`
    : `${agent.agentId} drains: ${busy} of ${agent.slots} slots are still busy`;
}

function busySlots({ slots, freeSlots }: Agent): number {
  return slots - freeSlots;
}
