const timeDigits = 9;
const shardDigits = 3;

/** `shard` in base 36, the start's time in base 36, then randomness: sorts by time within its shard. */
export function executionId(shard: number, timeMs: number, random: string): string {
  return `${base36(shard, shardDigits)}-${base36(timeMs, timeDigits)}-${random}`;
}

/** The shard that an id names; undefined when it is not an execution id. */
export function shardOf(id: string): number | undefined {
  const match = /^([0-9a-z]{3})-[0-9a-z]{9}-[0-9a-z]{8,32}$/.exec(id);
  return match ? Number.parseInt(match[1]!, 36) : undefined;
}

function base36(value: number, digits: number): string {
  return value.toString(36).padStart(digits, "0");
}
