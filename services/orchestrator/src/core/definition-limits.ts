// What no setting moves. The limits that an operator sets are in limits.ts.

/** Lists and objects within one another, in a whole definition. */
export const definitionDepthMax = 40;
/** Lists and objects within one another, in one template. */
export const templateDepthMax = 32;
export const keyLengthMax = 256;
/** Of workflows, capabilities and step ids. */
export const nameLengthMax = 63;
export const descriptionLengthMax = 2_000;
/** Of the key and of the value of a label. */
export const labelLengthMax = 63;
/** The longest expression that the parser takes: the ceiling of the limit that is set. */
export const expressionLengthMax = 1_000;
/** A rendered template has at most this many characters. */
export const renderedLengthMax = 4 * 1024 * 1024;
export const workflowVersionMax = 2 ** 31 - 1;
export const attemptsMax = 100;
export const multiplierMax = 100;
/** Beyond this the problems of one definition are counted, not listed. */
export const problemsMax = 100;
/** Suggestions made for one definition; each costs a walk over the names it is chosen from. */
export const suggestionsMax = 20;
/** Names that a suggestion is chosen from. */
export const suggestionNamesMax = 2_000;
