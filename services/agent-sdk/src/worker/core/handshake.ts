/** Protocol versions that this SDK speaks. */
export const versions = { min: 1, max: 1 } as const;

/** Entries that were added within a version: each side says which it knows. */
export const features: readonly string[] = ["later", "extend", "offers"];

/** What was added to how a session flows, rather than to what it says. */
export const flowFeatures: readonly string[] = ["chunks", "credit", "ping"];

/** The features of the flow that both sides know. */
export type Flow = { readonly chunks: boolean; readonly credit: boolean; readonly ping: boolean };

export const plainFlow: Flow = { chunks: false, credit: false, ping: false };

/** Credit without chunks could not carry a payload that is larger than what is granted at once. */
export function commonFlow(theirs: readonly string[]): Flow {
  const chunks = theirs.includes("chunks");
  return { chunks, credit: chunks && theirs.includes("credit"), ping: theirs.includes("ping") };
}

export type VersionRange = { readonly min: number; readonly max: number };

/** The highest version that both sides know. */
export function commonVersion(theirs: VersionRange | undefined): number | undefined {
  if (!theirs) return undefined;
  const highest = Math.min(theirs.max, versions.max);
  return highest >= Math.max(theirs.min, versions.min) ? highest : undefined;
}
