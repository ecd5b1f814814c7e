/**
 * An error travels in a trailer, its message twice and its details in base64, and common gRPC peers refuse
 * trailers of more than 8 KiB in all: these limits together stay below that. (An error has violations or
 * preconditions, not many of both.)
 */
const messageCharsMax = 1_000;
const fieldCharsMax = 200;
const descriptionCharsMax = 400;
const violationBytesMax = 3_500;

type Violation = { readonly field: string; readonly description: string };

/** The message as a trailer holds it; percent-encoding counts, and half a character can't be encoded. */
export function fitMessage(message: string): string {
  return fitText(message, messageCharsMax);
}

/** The first of them, and how many more there are. */
export function fitViolations(violations: readonly Violation[]): readonly Violation[] {
  const fitting: Violation[] = [];
  let bytes = 0;
  for (const violation of violations) {
    const field = fitText(violation.field, fieldCharsMax);
    const description = fitText(violation.description, descriptionCharsMax);
    bytes += Buffer.byteLength(field) + Buffer.byteLength(description) + 8;
    if (bytes > violationBytesMax) {
      const left = violations.length - fitting.length;
      return [...fitting, { field: "", description: `and ${left} more` }];
    }
    fitting.push({ field, description });
  }
  return fitting;
}

function fitText(text: string, charsMax: number): string {
  let fitting = text.slice(0, charsMax).toWellFormed();
  if (encodeURI(fitting).length <= charsMax && text.length <= charsMax) return fitting;
  while (encodeURI(fitting).length > charsMax)
    fitting = fitting.slice(0, fitting.length * 0.9).toWellFormed();
  return `${fitting}…`;
}
