/** Of a payload as JSON. */
export const payloadBytes = 1024 * 1024;

export const payloadsAtOnce = 20;
