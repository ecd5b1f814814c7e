/** "NOT_FOUND" for 5; the number itself for a value that this version does not know. */
export function enumName(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, known]) => known === value)?.[0] ?? String(value);
}
