import type { DatabaseSync } from "node:sqlite";
import type { Store, WorkflowRow } from "../app/store.ts";
import { faultOf } from "./sqlite-errors.ts";
import { allCells, type Cells } from "./sqlite-rows.ts";

const columns = "namespace, name, version, definition, created_by, created_at_ms";

export type PutOutcome = Awaited<ReturnType<Store["putWorkflow"]>>;

/** Adds a definition, unless that version is there already. */
export function openWorkflowWriter(database: DatabaseSync): (row: WorkflowRow) => PutOutcome {
  const find = database.prepare(
    "SELECT definition FROM workflow_definitions WHERE namespace = ? AND name = ? AND version = ?",
  );
  const insert = database.prepare(`INSERT INTO workflow_definitions (${columns}) VALUES (?, ?, ?, ?, ?, ?)`);
  return ({ namespace, name, version, definition, createdBy, createdAtMs }) => {
    const found = find.get(namespace, name, version)?.["definition"];
    if (found !== undefined) return found === definition ? "same" : "different";
    try {
      insert.run(namespace, name, version, definition, createdBy, createdAtMs);
    } catch (error) {
      if (faultOf(error) === "full") return "full";
      throw error;
    }
    return "created";
  };
}

export type WorkflowKey = {
  readonly namespace: string;
  readonly name: string;
  readonly version: number | undefined;
};
export type WorkflowPage = { readonly namespace: string; readonly afterName: string; readonly limit: number };

export type WorkflowReads = {
  getWorkflow(key: WorkflowKey): Cells | undefined;
  listWorkflows(page: WorkflowPage): readonly Cells[];
};

export function openWorkflowReads(database: DatabaseSync): WorkflowReads {
  const highest = database.prepare(
    `SELECT ${columns} FROM workflow_definitions
     WHERE namespace = ?1 AND name = ?2 AND (?3 IS NULL OR version = ?3)
     ORDER BY version DESC LIMIT 1`,
  );
  const page = database.prepare(
    `SELECT ${columns} FROM workflow_definitions AS each
     WHERE namespace = ? AND name > ?
       AND version = (SELECT max(version) FROM workflow_definitions
                      WHERE namespace = each.namespace AND name = each.name)
     ORDER BY name LIMIT ?`,
  );
  return {
    getWorkflow: ({ namespace, name, version }) => allCells(highest, [namespace, name, version ?? null])[0],
    listWorkflows: ({ namespace, afterName, limit }) => allCells(page, [namespace, afterName, limit]),
  };
}

/** From a row of these reads. */
export function toWorkflow(cells: Cells): WorkflowRow {
  return {
    namespace: cells[0] as string,
    name: cells[1] as string,
    version: cells[2] as number,
    definition: cells[3] as string,
    createdBy: cells[4] as string,
    createdAtMs: cells[5] as number,
  };
}
