import { headers, type MsgHdrs } from "@nats-io/transport-node";
import type { CloudEvent } from "../event-bus.ts";

// CloudEvents 1.0, NATS protocol binding, binary content mode: each attribute is a header, the data are the body.

const prefix = "ce-";
const own: ReadonlySet<string> = new Set([
  "specversion",
  "id",
  "source",
  "type",
  "subject",
  "time",
  "datacontenttype",
]);

export function headersOf({ id, source, type, subject, timeMs, extensions }: CloudEvent): MsgHdrs {
  const attributes = {
    specversion: "1.0",
    id,
    source,
    type,
    subject,
    time: new Date(timeMs).toISOString(),
    datacontenttype: "application/json",
    ...extensions,
  };
  const message = headers();
  for (const [name, value] of Object.entries(attributes)) message.set(prefix + name, encoded(value));
  return message;
}

/** Undefined when it is none. */
export function eventOf(message: MsgHdrs | undefined, data: Uint8Array): CloudEvent | undefined {
  const attributes: Record<string, string> = {};
  for (const [name, [value]] of message ?? [])
    if (name.startsWith(prefix) && value !== undefined)
      attributes[name.slice(prefix.length)] = decoded(value);
  const { specversion, id, source, type, subject = "", time = "" } = attributes;
  const timeMs = Date.parse(time);
  if (specversion !== "1.0" || !id || !source || !type || !(timeMs >= 0)) return undefined;
  const extensions = Object.fromEntries(Object.entries(attributes).filter(([name]) => !own.has(name)));
  return { id, source, type, subject, timeMs, extensions, data };
}

/** As the binding says: everything but printable ASCII, and the characters that would be mistaken. */
function encoded(value: string): string {
  return value.replace(/[^\x21\x23\x24\x26-\x7e]/gu, encodeURIComponent);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
