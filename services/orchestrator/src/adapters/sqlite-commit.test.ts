import { DatabaseSync, type StatementSync } from "node:sqlite";
import { migrate } from "@weft/runtime/sqlite-migrations";
import { beforeEach, describe, expect, it } from "vitest";
import {
  committed,
  emptyBatch,
  refused,
  sampleEvent,
  sampleExecution,
} from "../app/store-samples.contract.ts";
import { LogWriter } from "./sqlite-commit.ts";
import { type FlatBatch, flattenBatch } from "./sqlite-rows.ts";
import { migrations } from "./sqlite-schema.ts";

let database: DatabaseSync;
let writer: LogWriter;
let epoch: number;
/** Statements of the writer by their text, so that a test may break one. */
let statements: Map<string, StatementSync>;

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  migrate(database, "in memory", migrations);
  statements = new Map();
  const prepare = database.prepare.bind(database);
  database.prepare = (sql) => {
    const statement = prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  writer = new LogWriter(database);
  epoch = writer.takeOwnership(0).epoch;
});

/** Lets the statement fail with this code the next time that it runs. */
function failOnce(sql: string, errcode: number, message: string): void {
  const statement = statements.get(sql)!;
  const run = statement.run.bind(statement);
  statement.run = () => {
    statement.run = run;
    throw Object.assign(new Error(message), { errcode });
  };
}

function batchAt(position: number): FlatBatch {
  const events = [{ position, ...sampleEvent(position, 1) }];
  return flattenBatch({ ...emptyBatch(0, epoch), events, started: [sampleExecution(position)] });
}

const ended = "writing ended after a disk error (disk I/O error): mend the disk, then restart";

describe("a COMMIT that fails", () => {
  it.each([
    ["FULL", 13, "no room for the batch on the disk"],
    ["BUSY", 5, "another program has locked the database"],
  ])("as %s has written nothing, and the same batch is taken later", (name, errcode, message) => {
    failOnce("COMMIT", errcode, name);
    expect(writer.commit(batchAt(1))).toEqual({ kind: "refused", reason: "FULL", message });
    expect(database.isTransaction).toBe(false);
    expect(writer.commit(batchAt(1))).toEqual(committed(2));
  });

  it("in any other way leaves it open, and nothing is written after it", () => {
    failOnce("COMMIT", 10, "disk I/O error");
    const message = "whether a batch is on disk is unknown (disk I/O error)";
    expect(writer.commit(batchAt(1))).toEqual({ kind: "unknown", message });
    expect(writer.commit(batchAt(1))).toEqual({ kind: "refused", reason: "FAILED", message: ended });
  });
});

describe("a disk error before COMMIT", () => {
  it("has written nothing, and nothing is written after it", () => {
    failOnce("BEGIN IMMEDIATE", 10, "disk I/O error");
    const failed = { kind: "refused", reason: "FAILED", message: ended };
    expect(writer.commit(batchAt(1))).toEqual(failed);
    expect(writer.commit(batchAt(1))).toEqual(failed);
  });
});

describe("a ROLLBACK that fails", () => {
  it("ends writing: what the transaction holds would go along with the next batch", () => {
    expect(writer.commit(batchAt(1))).toEqual(committed(2));
    failOnce("ROLLBACK", 1, "cannot roll back");
    failOnce("COMMIT", 13, "FULL");
    expect(writer.commit(batchAt(2))).toMatchObject({ reason: "FULL" });
    expect(writer.commit(batchAt(2))).toEqual(refused("FAILED"));
  });
});
