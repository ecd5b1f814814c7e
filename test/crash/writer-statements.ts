import { StatementSync } from "node:sqlite";
import { isMainThread } from "node:worker_threads";
import { passBy } from "./arming.ts";

// Loaded before anything else, in every thread: the writer's statements can be died at.

function pass(sql: string, side: "before" | "after"): void {
  passBy(
    (place) => place.kind === "statement" && place.side === side && sql.trimStart().startsWith(place.sql),
  );
}

const { prototype } = StatementSync;
const runAsItIs: typeof prototype.run = Reflect.get(prototype, "run");

if (!isMainThread)
  prototype.run = new Proxy(runAsItIs, {
    apply(run, statement: StatementSync, parameters) {
      pass(statement.sourceSQL, "before");
      const changes: unknown = Reflect.apply(run, statement, parameters);
      pass(statement.sourceSQL, "after");
      return changes;
    },
  });
