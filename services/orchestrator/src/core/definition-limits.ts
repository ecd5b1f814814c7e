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

// What bounds an expression beside its length; docs/decisions/0008-expressions.md tells why each is needed.

/** Brackets within one another, in an expression. */
export const expressionDepthMax = 24;
/** Names, values and operators of an expression, once its macros are written out. */
export const expressionNodesMax = 400;
/** `map`, `filter`, `all` and the like within one another. */
export const comprehensionDepthMax = 2;
/** Elements or keys that one of them goes over. */
export const comprehensionItemsMax = 10_000;
/** Charged by nodes visited, elements and characters touched; a unit is worth about a tenth of a microsecond. */
export const evaluationCostMax = 100_000;
/** Characters of the inputs, outputs and variables that one expression reads, beyond plain paths. */
export const expressionReadsMax = 1024 * 1024 + 64 * 1024;
/** Lists and objects within one another, where an expression compares or returns them. */
export const valueDepthMax = 200;
/** Of text that is converted to a number, a boolean, a time or a duration. */
export const convertedLengthMax = 128;
/** Of a pattern of `matches`. */
export const patternLengthMax = 200;
/** A pattern's characters with its counted repetitions written out. */
export const patternSizeMax = 1_000;
/** Of what the expression library says about a failure. */
export const evaluationMessageLengthMax = 200;
