/**
 * A served agent: its gRPC server, its worker and its place in the registry, started and stopped together.
 *
 * Invariants
 *  1. It serves before it registers, and leaves the registry before it stops serving.
 *  2. Draining ends when nothing runs and every result is acknowledged, or when its grace is over; what then
 *     follows takes two seconds at most.
 */
import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AgentService } from "@weft/proto/weft/agent/v1/agent_pb";
import { allowAll, type Clock, createServer, implement, type Logger, type Server } from "@weft/runtime/grpc";
import type { AgentDefinition } from "../agent.ts";
import type { Config } from "../config.ts";
import type { Log } from "../context.ts";
import { Attachment } from "./attachment.ts";
import { authenticator } from "./authenticator.ts";
import { workerLimits } from "./core/limits.ts";
import { execute } from "./execute.ts";
import { type IdempotencyStore, openIdempotencyStore } from "./idempotency-store.ts";
import { eventLoopMeter, type LoopLag, watchLoopLag } from "./loop-lag.ts";
import { registrationOf } from "./registration.ts";
import { type Identity, Session, type SessionOptions } from "./session.ts";
import { Worker } from "./worker.ts";

export type Surroundings = { readonly clock: Clock; readonly log: Log; readonly random: () => number };

/** What a stopped agent has left undone: handlers that still run, results that nobody has acknowledged. */
export type Left = { readonly running: number; readonly unacknowledged: number };

export type RunningAgent = {
  /** host:port under which orchestrators reach it. */
  readonly address: string;
  readonly identity: Identity;
  /** Takes no new work, finishes what runs within the grace, leaves. Resolves when it has stopped. */
  drain(): Promise<Left>;
};

const cutMs = 500;

export async function startAgent(
  agent: AgentDefinition,
  config: Config,
  surroundings: Surroundings,
): Promise<RunningAgent> {
  const { clock, log, random } = surroundings;
  const identity = { agentId: config.agentId, incarnation: randomUUID() };
  let attachment: Attachment | undefined;
  const kept = config.idempotencyStore;
  const store = kept && (await openIdempotencyStore(kept.file, kept.bounds, surroundings));
  const { payloadBytesMax } = config;
  const keptSuccesses = kept?.bounds ?? workerLimits.keptSuccesses;
  const limits = { ...workerLimits, payloadBytesMax, keptSuccesses };
  const onLoad = () => attachment?.loadChanged();
  const worker = new Worker({ agent, limits, clock, log, store, onLoad });
  const sessions = new Set<Session>();
  const server = serverOf({ agent, identity, worker, limits, clock, log }, sessions, config);
  const port = await server.listen(config.address).catch(async (error: unknown) => {
    await store?.close();
    throw error;
  });
  const address = config.advertised(port);
  server.setServing(true);
  log.info("serving", { address, slots: agent.slots, capabilities: Object.keys(agent.capabilities) });
  const freeSlots = () => worker.freeSlots;
  const { locate } = config;
  const startedAt = timestampFromMs(clock.now());
  const registration = () =>
    registrationOf(agent, config, identity, { address, freeSlots: freeSlots(), startedAt });
  const onDrainAsked = () => {
    log.info("drained by an operator: takes no more work until it is started anew", {
      running: worker.running,
    });
    void worker.drain();
  };
  const loopLag = watchLoopLag(eventLoopMeter(), { clock, log, running: () => worker.running });
  const load = () => ({ freeSlots: freeSlots(), loopLagMs: loopLag.longestMs() });
  attachment = new Attachment({ clock, log, random, locate, registration, load, onDrainAsked });
  const graceMs = config.drainGraceMs;
  const parts: Parts = { worker, server, sessions, attachment, store, loopLag, clock, log, graceMs };
  return { address, identity, drain: () => drain(parts) };
}

function serverOf(options: SessionOptions, sessions: Set<Session>, { locate }: Config): Server {
  const { worker, log } = options;
  return createServer({
    implementations: [
      implement(AgentService, {
        session: (stream) => {
          const session = new Session(stream, options);
          sessions.add(session);
          stream.onClose(() => sessions.delete(session));
        },
        execute: (request, context) => execute(worker, request, context),
      }),
    ],
    authenticate: authenticator(() => locate().token),
    policy: allowAll,
    logger: asLogger(log),
  });
}

type Parts = {
  readonly worker: Worker;
  readonly server: Server;
  readonly sessions: ReadonlySet<Session>;
  readonly attachment: Attachment;
  readonly store: IdempotencyStore | undefined;
  readonly loopLag: LoopLag;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: number;
};

async function drain(parts: Parts): Promise<Left> {
  const { worker, server, sessions, attachment, store, loopLag, clock, log, graceMs } = parts;
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
  loopLag.stop();
  await Promise.all([server.stop(cutMs), store?.close()]);
  if (left.running + left.unacknowledged > 0) log.warn("stopped with work left", left);
  else log.info("stopped");
  return left;
}

function asLogger(log: Log): Logger {
  return {
    debug: (fields, message) => log.debug(message, fields),
    info: (fields, message) => log.info(message, fields),
    warn: (fields, message) => log.warn(message, fields),
    error: (fields, message) => log.error(message, fields),
  };
}
