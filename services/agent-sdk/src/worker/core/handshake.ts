/** Protocol versions that this SDK speaks. */
export const versions = { min: 1, max: 1 } as const;

/** Entries that were added within a version: each side says which it knows. */
export const features: readonly string[] = ["later", "extend"];

export type VersionRange = { readonly min: number; readonly max: number };

/** The highest version that both sides know. */
export function commonVersion(theirs: VersionRange | undefined): number | undefined {
  if (!theirs) return undefined;
  const highest = Math.min(theirs.max, versions.max);
  return highest >= Math.max(theirs.min, versions.min) ? highest : undefined;
}
