import type { Event, EventKind } from "./event.ts";
import { type Json, jsonText } from "./json.ts";

/** Of the stored form. A reader accepts its own version and all lower ones. */
export const schemaVersion = 1;

/** An event as the log stores it: the payload apart, as the JSON text that it is. */
export type EncodedEvent = {
  readonly kind: EventKind;
  readonly schemaVersion: number;
  /** JSON text of the event without kind and payload. */
  readonly body: string;
  readonly payload: string | null;
};

export function encodeEvent(event: Event): EncodedEvent {
  const { kind, payload, ...rest } = event as Event & { readonly payload?: Json };
  return { kind, schemaVersion, body: JSON.stringify(rest), payload: payload ? payload.text : null };
}

/** Throws on an event that a newer release wrote: the caller keeps that execution apart. */
export function decodeEvent({ kind, schemaVersion: version, body, payload }: EncodedEvent): Event {
  if (version > schemaVersion)
    throw new Error(`event ${kind} has schema version ${version}; this release reads ${schemaVersion}`);
  const event: unknown = {
    kind,
    ...JSON.parse(body),
    ...(payload === null ? {} : { payload: jsonText(payload) }),
  };
  return event as Event;
}
