import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeAlertStore } from "../app/store.contract.ts";
import { openSqliteAlertStore } from "./store-sqlite.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-alerts-"));
});

afterEach(() => rm(folder, { recursive: true }));

describeAlertStore("the store of alerts on SQLite", async () => ({
  store: await openSqliteAlertStore(folder),
  reopen: () => openSqliteAlertStore(folder),
}));

describe("the data folder of alerts", () => {
  it("is refused to a second owner, and free when the first has closed it", async () => {
    const store = await openSqliteAlertStore(folder);
    await expect(openSqliteAlertStore(folder)).rejects.toThrow(
      `the data folder ${folder} is in use by another process: stop it (\`fuser ${join(folder, "weft.lock")}\` ` +
        "names it), or choose another data folder",
    );
    await store.close();
    await (await openSqliteAlertStore(folder)).close();
  });

  it("of a newer release is refused as it is", async () => {
    await (await openSqliteAlertStore(folder)).close();
    const file = new DatabaseSync(join(folder, "weft.db"));
    file.exec("PRAGMA user_version = 99");
    file.close();
    await expect(openSqliteAlertStore(folder)).rejects.toThrow(
      `${join(folder, "weft.db")} was written by a newer release (schema 99; this release knows 1): ` +
        "start that release or a later one, or use another data folder",
    );
  });

  it("that an orchestrator has written is refused", async () => {
    const file = new DatabaseSync(join(folder, "weft.db"));
    file.exec("CREATE TABLE workflow_events (id); PRAGMA user_version = 1");
    file.close();
    await expect(openSqliteAlertStore(folder)).rejects.toThrow(/holds something else/);
  });

  it("keeps nothing of a save that fails in the middle", async () => {
    const store = await openSqliteAlertStore(folder);
    const bad = { table: "alerts", key: "b", body: 1 as unknown as string };
    await expect(
      store.save([
        { table: "alerts", key: "a", body: "1" },
        { ...bad, key: null as unknown as string },
      ]),
    ).rejects.toThrow(/NOT NULL/);
    await store.save([{ table: "alerts", key: "c", body: "1" }]);
    const keys: string[] = [];
    await store.load((rows) => keys.push(...rows.map(({ key }) => key)));
    expect(keys).toEqual(["c"]);
    await store.close();
  });
});
