/** Stands for a dispatch in CompleteStep. Its form is the orchestrator's: "w1." and the id in base64url. */
export function completionToken(dispatchId: string): string {
  return `w1.${Buffer.from(dispatchId).toString("base64url")}`;
}
