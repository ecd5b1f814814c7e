/** The size of chart text, in the units of its SVG. */
export const textSize = 13;
export const smallTextSize = 12;

const narrow = /[iljtfrI.,:;'|!()[\]{}/\\ -]/;
const broad = /[mwMW@%&]/;
/** Scripts that take a square per character, and pictures. */
const square =
  /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\p{Extended_Pictographic}]/u;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * How wide text is at most. Which font a viewer has is unknown, so it is measured by the widest that is usual
 * (DejaVu Sans): a label may be cut a little early, and never runs over.
 */
export function textWidth(text: string, size: number = textSize): number {
  let ems = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (square.test(segment)) ems += 1.3;
    else if (broad.test(segment)) ems += 1;
    else if (narrow.test(segment)) ems += 0.42;
    else ems += /[a-z0-9_]/.test(segment) ? 0.65 : 0.8;
  }
  return ems * size;
}

/** Characters that still tell something; a label cut shorter is left out. */
const keptMin = 3;

/** The text, or as much of its start as fits with an ellipsis; empty when hardly any of it does. */
export function fitText(text: string, width: number, size: number = textSize): string {
  if (textWidth(text, size) <= width) return text;
  let kept = "";
  let count = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (textWidth(`${kept}${segment}…`, size) > width) break;
    kept += segment;
    count += 1;
  }
  return count < keptMin ? "" : `${kept.trimEnd()}…`;
}
