import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { faultOf } from "./sqlite-errors.ts";

function errorWith(errcode: number): Error {
  return Object.assign(new Error("from SQLite"), { errcode });
}

function errorOf(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("an error of SQLite", () => {
  it.each([
    ["BUSY", 5, "busy"],
    ["IOERR", 10, "disk"],
    ["IOERR_FSYNC", 10 | (4 << 8), "disk"],
    ["IOERR_SHMSIZE, which is a full disk", 10 | (19 << 8), "full"],
    ["CORRUPT_INDEX", 11 | (3 << 8), "disk"],
    ["FULL", 13, "full"],
    ["TOOBIG", 18, "row"],
    ["CONSTRAINT_UNIQUE", 19 | (8 << 8), "row"],
    ["MISMATCH", 20, "row"],
    ["NOTADB", 26, "disk"],
    ["NOMEM", 7, "other"],
    ["READONLY_DBMOVED", 8 | (4 << 8), "other"],
  ])("%s tells where the fault is", (_, code, fault) => {
    expect(faultOf(errorWith(code))).toBe(fault);
  });

  it("is the row's when the row breaks a rule of the table, or holds what can't be stored", () => {
    const database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE once (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT");
    const insert = database.prepare("INSERT INTO once VALUES (?, ?)");
    insert.run(1, "a");
    expect(faultOf(errorOf(() => insert.run(1, "again")))).toBe("row");
    expect(faultOf(errorOf(() => insert.run(2, null)))).toBe("row");
    expect(faultOf(errorOf(() => insert.run(2, new Uint8Array(1))))).toBe("row");
    expect(faultOf(errorOf(() => insert.run(2, 1n << 70n)))).toBe("row");
    expect(faultOf(errorOf(() => database.exec("SELECT nonsense")))).toBe("other");
    database.close();
  });
});
