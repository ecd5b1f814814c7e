/** A mistake in a request or in a file of rules. */
export type Problem = {
  /** Where, such as `rules[2].signal.kind`; empty: the whole. */
  readonly field: string;
  readonly message: string;
  /** Of the file, from 1; undefined when it is not known. */
  readonly line?: number;
};

/** Text from outside, in quotes and cut to a length that fits a message. */
export function quoted(text: string): string {
  const shownMax = 80;
  return JSON.stringify(text.length > shownMax ? `${text.slice(0, shownMax)}…` : text);
}
