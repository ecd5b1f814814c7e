/**
 * A served agent: its gRPC server, its worker and its place in the registry, started and stopped together.
 *
 * Invariants
 *  1. It serves before it registers, and leaves the registry before it stops serving.
 *  2. Draining ends when nothing runs and every result is acknowledged, or when its grace is over.
 */
import { randomUUID } from "node:crypto";
import { AgentService } from "@weft/proto/weft/agent/v1/agent_pb";
import type { Registration } from "@weft/proto/weft/registry/v1/registry_pb";
import { allowAll, type Clock, createServer, implement, type Logger, type Server } from "@weft/runtime/grpc";
import type { AgentDefinition } from "../agent.ts";
import type { Config } from "../config.ts";
import type { Log } from "../context.ts";
import { Attachment } from "./attachment.ts";
import { authenticator } from "./authenticator.ts";
import { workerLimits } from "./core/limits.ts";
import { execute } from "./execute.ts";
import { type Identity, Session } from "./session.ts";
import { Worker } from "./worker.ts";

export type Surroundings = { readonly clock: Clock; readonly log: Log; readonly random: () => number };

export type RunningAgent = {
  /** host:port under which orchestrators reach it. */
  readonly address: string;
  readonly identity: Identity;
  /** Takes no new work, finishes what runs within the grace, leaves. Resolves when it has stopped. */
  drain(): Promise<void>;
};

const cutMs = 500;

export async function startAgent(
  agent: AgentDefinition,
  config: Config,
  { clock, log, random }: Surroundings,
): Promise<RunningAgent> {
  const identity = { agentId: config.agentId, incarnation: randomUUID() };
  let attachment: Attachment | undefined;
  const onLoad = () => attachment?.loadChanged();
  const limits = { ...workerLimits, payloadBytesMax: config.payloadBytesMax };
  const worker = new Worker({ agent, limits, clock, log, onLoad });
  const sessions = new Set<Session>();
  const server = createServer({
    implementations: [
      implement(AgentService, {
        session: (stream) => {
          const session = new Session(stream, { agent, identity, worker, limits, clock, log });
          sessions.add(session);
          stream.onClose(() => sessions.delete(session));
        },
        execute: (request, context) => execute(worker, request, context),
      }),
    ],
    authenticate: authenticator(() => config.locate().token),
    policy: allowAll,
    logger: asLogger(log),
  });
  const address = config.advertised(await server.listen(config.address));
  server.setServing(true);
  log.info("serving", { address, slots: agent.slots, capabilities: Object.keys(agent.capabilities) });
  const freeSlots = () => worker.freeSlots;
  const registration = () => registrationOf(agent, config, identity, address, worker.freeSlots);
  attachment = new Attachment({ clock, log, random, locate: config.locate, registration, freeSlots });
  const parts: Parts = { worker, server, sessions, attachment, clock, log, graceMs: config.drainGraceMs };
  return { address, identity, drain: () => drain(parts) };
}

type Parts = {
  readonly worker: Worker;
  readonly server: Server;
  readonly sessions: ReadonlySet<Session>;
  readonly attachment: Attachment;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: number;
};

async function drain({ worker, server, sessions, attachment, clock, log, graceMs }: Parts): Promise<void> {
  log.info("draining", { running: worker.running, unacknowledged: worker.unacknowledged, graceMs });
  server.setServing(false);
  attachment.drain();
  const grace = Promise.withResolvers<void>();
  const cancelGrace = clock.after(graceMs, grace.resolve);
  await Promise.race([worker.drain(), grace.promise]);
  cancelGrace();
  const left = { running: worker.running, unacknowledged: worker.unacknowledged };
  await attachment.close();
  for (const session of sessions) session.end();
  // After the sessions: a step that is given up must look interrupted, not failed, and so cost no retry.
  worker.stop();
  await server.stop(cutMs);
  if (left.running + left.unacknowledged > 0) log.warn("stopped with work left", left);
  else log.info("stopped");
}

function registrationOf(
  agent: AgentDefinition,
  config: Config,
  identity: Identity,
  address: string,
  freeSlots: number,
): Registration {
  const { name, version, slots, capabilities, labels } = agent;
  return {
    $typeName: "weft.registry.v1.Registration",
    ...identity,
    name,
    version,
    address,
    capabilities: Object.entries(capabilities).map(([capability, definition]) => ({
      $typeName: "weft.registry.v1.Capability",
      name: capability,
      version: definition.version ?? version,
      maxConcurrency: definition.maxConcurrency ?? 0,
    })),
    slots,
    freeSlots,
    region: config.region,
    zone: config.zone,
    labels: { ...labels },
  };
}

function asLogger(log: Log): Logger {
  return {
    debug: (fields, message) => log.debug(message, fields),
    info: (fields, message) => log.info(message, fields),
    warn: (fields, message) => log.warn(message, fields),
    error: (fields, message) => log.error(message, fields),
  };
}
