import {
  type AgentConnector,
  type Batch,
  createOrchestrator,
  type OrchestratorConfig,
  orchestratorDefaults,
  type Store,
} from "@weft/orchestrator";
import { openSqliteStore } from "@weft/orchestrator/store-sqlite";
import { createLogger } from "@weft/runtime/logger";
import { passBy } from "./arming.ts";

// An orchestrator as it is, but for what stands around its ports and may kill it.

export type ProcessOptions = Pick<OrchestratorConfig, "address" | "registryAddress" | "token" | "cluster"> & {
  readonly folder: string;
};

const { folder, ...endpoint } = JSON.parse(process.argv[2] ?? "{}") as ProcessOptions;

/** Kinds of its events, and of its rows where a test asks for them. */
function kindsIn({ events, changed, snapshots }: Batch): readonly string[] {
  const sleeps = changed.some(({ wakeAtMs }) => wakeAtMs !== null);
  return [
    ...events.map(({ kind }) => kind),
    ...(snapshots.length > 0 ? ["snapshot"] : []),
    ...(sleeps ? ["asleep"] : []),
  ];
}

function passCommit(batch: Batch, side: "before" | "after"): void {
  passBy((place) => place.kind === "commit" && place.side === side && kindsIn(batch).includes(place.with));
}

function passRead(verb: "readEvents" | "listUnfinished"): void {
  passBy((place) => place.kind === "read" && place.verb === verb);
}

async function openStore(): Promise<Store> {
  const store = await openSqliteStore(folder);
  return {
    ...store,
    async commit(batch) {
      passCommit(batch, "before");
      const outcome = await store.commit(batch);
      passCommit(batch, "after");
      return outcome;
    },
    listUnfinished(...page) {
      passRead("listUnfinished");
      return store.listUnfinished(...page);
    },
    readEvents(...page) {
      passRead("readEvents");
      return store.readEvents(...page);
    },
  };
}

type Session = ReturnType<AgentConnector["connect"]>;
type Verb = "dispatch" | "cancel" | "extend" | "ack";

/** Frames leave in the turn in which they are written: by the next one, what was said is on its way. */
function around<Said>(verb: Verb, say: () => Said): Said {
  passBy((place) => place.kind === "session" && place.verb === verb && place.side === "before");
  const said = say();
  setImmediate(() =>
    passBy((place) => place.kind === "session" && place.verb === verb && place.side === "after"),
  );
  return said;
}

function wrapSession(session: Session): Session {
  return {
    dispatch: (dispatch) => around("dispatch", () => session.dispatch(dispatch)),
    cancel: (id, reason) => around("cancel", () => session.cancel(id, reason)),
    extend: (id, timeLeftMs) => around("extend", () => session.extend(id, timeLeftMs)),
    ack: (id) => around("ack", () => session.ack(id)),
    wait: (waiting) => session.wait(waiting),
    close: () => session.close(),
  };
}

function passHeard(verb: "succeeded" | "failed" | "deferred"): void {
  passBy((place) => place.kind === "heard" && place.verb === verb);
}

function wrapConnector(connector: AgentConnector): AgentConnector {
  return {
    connect: (agent, listener) =>
      wrapSession(
        connector.connect(agent, {
          ...listener,
          succeeded(id, output) {
            passHeard("succeeded");
            listener.succeeded(id, output);
          },
          failed(id, failure) {
            passHeard("failed");
            listener.failed(id, failure);
          },
          deferred(id) {
            passHeard("deferred");
            listener.deferred(id);
          },
        }),
      ),
  };
}

const orchestrator = createOrchestrator(
  {
    ...orchestratorDefaults,
    ...endpoint,
    dataDirectory: folder,
    orchestratorId: "one",
    snapshotEveryEvents: 10,
    recoveryGraceMs: 2_000,
    agentBreakerCoolDownMs: 50,
    stepBreakerCoolDownMs: 50,
    diskFreeBytesMin: 0,
  },
  {
    logger: createLogger("orchestrator", "warn"),
    openStore,
    wrapConnector,
    onFatal: () => process.exit(1),
  },
);
await orchestrator.start();
