/** A step and what it waits for. */
export type GraphStep = { readonly id: string; readonly dependencies: readonly string[] };
