/** The namespace that a request means. */
export function namespaceOf({ namespace }: { readonly namespace: string }): string {
  return namespace || "default";
}
