/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Bounds = { readonly min: number; readonly max: number };

type Problem = { readonly name: string; readonly value: string; readonly expected: string };

/** Every bad variable, one line each. */
export class ConfigError extends Error {
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ name, value, expected }) => `${name}=${value}: expected ${expected}`).join("\n"));
    this.name = "ConfigError";
  }
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads typed values from an environment. A bad value is noted, its default stands in for it, and reading
 * goes on; `finish` then throws all problems at once. An empty variable counts as unset.
 */
export class ConfigReader {
  readonly #env: Environment;
  readonly #problems: Problem[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  text(name: string): string | undefined;
  text(name: string, fallback: string): string;
  text(name: string, fallback?: string): string | undefined {
    return this.#env[name] || fallback;
  }

  /** Like `text`; never shown in a problem. Must fit into a header. */
  secret(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || /^[\x21-\x7e]{1,4096}$/.test(value)) return value;
    this.note(name, "(hidden)", "1 to 4096 printable ASCII characters without spaces");
    return undefined;
  }

  oneOf<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const value = this.text(name, fallback);
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? this.#refuse(name, value, `one of ${choices.join(", ")}`, fallback);
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.text(name, fallback ? "1" : "0");
    if (value === "1" || value === "true") return true;
    if (value === "0" || value === "false") return false;
    return this.#refuse(name, value, "1, true, 0 or false", fallback);
  }

  integer(name: string, fallback: number, { min, max }: Bounds): number {
    const value = this.text(name, String(fallback));
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    return this.#refuse(name, value, `a whole number from ${min} to ${max}`, fallback);
  }

  /** "250ms", "10s", "1.5m", "2h". */
  durationMs(name: string, fallbackMs: number, { min, max }: Bounds): number {
    const value = this.text(name, `${fallbackMs}ms`);
    const [, amount = "", unit = ""] = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(value) ?? [];
    const ms = Math.round(Number(amount || Number.NaN) * (unitsMs[unit] ?? Number.NaN));
    if (ms >= min && ms <= max) return ms;
    const expected = `a duration such as 10s, from ${showDuration(min)} to ${showDuration(max)}`;
    return this.#refuse(name, value, expected, fallbackMs);
  }

  /** host:port; port 0 lets the system choose. */
  address(name: string, fallback: string): string {
    const value = this.text(name, fallback);
    return parseAddress(value)
      ? value
      : this.#refuse(name, value, "host:port, such as 127.0.0.1:7401", fallback);
  }

  /** The same, where there need not be one. */
  optionalAddress(name: string): string | undefined {
    return this.text(name) === undefined ? undefined : this.address(name, "");
  }

  /** Notes a problem that only the caller can see, such as one between two variables. */
  note(name: string, value: string, expected: string): void {
    this.#problems.push({ name, value, expected });
  }

  /** Throws a `ConfigError` that names every problem. */
  finish(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
  }

  #refuse<T>(name: string, value: string, expected: string, fallback: T): T {
    this.note(name, JSON.stringify(value), expected);
    return fallback;
  }
}

/** Takes host:port or [ipv6]:port apart; undefined when it is neither. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  const [, v6, name, digits] =
    /^(?:\[([0-9a-fA-F:.]{2,45})\]|([a-zA-Z0-9.-]{1,253})):(\d{1,5})$/.exec(address) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

function showDuration(ms: number): string {
  const units = Object.entries(unitsMs).filter(([, unitMs]) => ms >= unitMs && ms % unitMs === 0);
  const [unit, unitMs] = units.at(-1) ?? ["ms", 1];
  return `${ms / unitMs}${unit}`;
}
