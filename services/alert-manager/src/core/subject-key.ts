/** The key of what some names stand for; the names can be read from it again. */
export function subjectKey(...names: readonly string[]): string {
  return JSON.stringify(names);
}

export function namesOf(key: string): readonly string[] {
  return JSON.parse(key) as readonly string[];
}
