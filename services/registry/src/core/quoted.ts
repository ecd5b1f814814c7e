/** A text from a request as an error message shows it: in quotes, and not too long. */
export function quoted(text: string): string {
  const shownMax = 80;
  return JSON.stringify(text.length > shownMax ? `${text.slice(0, shownMax)}…` : text);
}
