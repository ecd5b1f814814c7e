/** Files that one step has open at the same time. */
export const openFilesMax = 16;

/**
 * Does `work` for every item, `openFilesMax` at a time. After the first error, or an abort, nothing more is
 * started; it is thrown once what was started has ended, so that no work outlives its step.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const errors: unknown[] = [];
  const worker = async () => {
    for (const item of waiting) {
      if (signal.aborted || errors.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(openFilesMax, items.length) }, worker));
  signal.throwIfAborted();
  if (errors.length > 0) throw errors[0];
}
