/**
 * What an error of SQLite says about the batch that it stopped.
 *
 * row: something in the batch; full: no room on the disk; busy: another program has locked the database;
 * disk: the disk, or what is on it, is broken; other: none of these.
 */
export type Fault = "row" | "full" | "busy" | "disk" | "other";

/** By the low byte of the result code, see sqlite.org/rescode.html. */
const faults: ReadonlyMap<number, Fault> = new Map([
  [5, "busy"], // BUSY
  [10, "disk"], // IOERR
  [11, "disk"], // CORRUPT
  [13, "full"], // FULL: SQLite's name for ENOSPC, and for a database at its largest
  [18, "row"], // TOOBIG
  [19, "row"], // CONSTRAINT
  [20, "row"], // MISMATCH
  [26, "disk"], // NOTADB
]);

/** The index of the write-ahead log could not grow: nothing of the transaction has been written yet. */
const ioerrShmSize = 4_874;

/** An error without a code is not SQLite's: the driver could not take a value, and nothing has reached the disk. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error && "errcode" in error)) return "row";
  const code = Number(error.errcode);
  return code === ioerrShmSize ? "full" : (faults.get(code & 0xff) ?? "other");
}
