import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Dresses text in a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

/** Whether there are colours at all was decided before: the stream is not asked again. */
export const colored: Paint = (style, text) => styleText(style, text, { validateStream: false });
