/** Ctrl-C and SIGTERM. While somebody listens they do not end the process. */
export type Interrupts = {
  /** Calls `run` with how many have come since; returns how to stop listening. */
  listen(run: (count: number) => void): () => void;
};

/** The real ones. */
export function processInterrupts(): Interrupts {
  return {
    listen(run) {
      let count = 0;
      const onSignal = (): void => run(++count);
      process.on("SIGINT", onSignal);
      process.on("SIGTERM", onSignal);
      return () => {
        process.off("SIGINT", onSignal);
        process.off("SIGTERM", onSignal);
      };
    },
  };
}
