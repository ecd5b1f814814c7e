import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that tests run for real, and the Debian packages that they are in. */
const packages = {
  "nats-server": "nats-server",
  prometheus: "prometheus",
  promtool: "prometheus",
  "prometheus-alertmanager": "prometheus-alertmanager",
} as const;

export type DebianBinary = keyof typeof packages;

/** Beside the dependencies, and gone with them: nothing is installed, no service is started. */
const cache = join(import.meta.dirname, "../../node_modules/.cache/debian-binaries");

/** The program's path: on the PATH, where Debian puts it, or in the cache. Throws an error that says how to get it. */
export function debianBinary(name: DebianBinary): string {
  const path = find(name);
  if (path) return path;
  throw new Error(
    `${name} is not on the PATH and could not be fetched. Install it, such as with: apt-get install --no-install-recommends ${packages[name]}`,
  );
}

/** Fetches the packages of programs that are missing into the cache; as any user. Resolves with what went wrong. */
export function fetchMissing(): string | undefined {
  const names = Object.keys(packages) as DebianBinary[];
  const missing = new Set(names.filter((name) => !find(name)).map((name) => packages[name]));
  if (missing.size === 0) return undefined;
  const downloads = join(cache, "downloads");
  for (const folder of ["lists/partial", "archives/partial"])
    mkdirSync(join(downloads, folder), { recursive: true });
  const own = [
    `Dir::State::Lists=${join(downloads, "lists")}`,
    `Dir::Cache=${downloads}`,
    "Dir::Cache::archives=archives",
    "APT::Sandbox::User=",
  ].flatMap((option) => ["-o", option]);
  try {
    run("apt-get", [...own, "update"], downloads);
    run("apt-get", [...own, "download", ...missing], downloads);
    for (const file of readdirSync(downloads).filter((name) => name.endsWith(".deb")))
      run("dpkg-deb", ["--extract", join(downloads, file), cache], downloads);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}

function find(name: DebianBinary): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    "/usr/bin",
    join(cache, "usr/sbin"),
    join(cache, "usr/bin"),
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function run(command: string, words: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, words, { cwd, encoding: "utf8" });
  if (error) throw new Error(`${command} can't be run: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${words.at(-1)} failed: ${stderr.trim()}`);
}
