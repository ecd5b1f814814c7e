/** As much of a database as migrating takes. */
export type MigratedDatabase = {
  exec(sql: string): void;
  prepare(sql: string): { get(): Record<string, unknown> | undefined };
};

/**
 * Brings a database to this release's schema, each step in a transaction of its own; throws, and changes nothing, when
 * a newer release wrote it. `file` is for the message.
 */
export function migrate(database: MigratedDatabase, file: string, migrations: readonly string[]): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length)
    throw new Error(
      `${file} was written by a newer release (schema ${version}; this release knows ${migrations.length}): ` +
        "start that release or a later one, or use another data folder",
    );
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
