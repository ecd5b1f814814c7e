import { toBinary } from "@bufbuild/protobuf";
import { type Event as EventMessage, EventSchema } from "@weft/proto/weft/workflow/v1/event_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { messageBytesMax, type RpcError } from "@weft/runtime/grpc";
import type { RecordedEvent } from "../core/event.ts";
import { messageTooLarge } from "./message-too-large.ts";

/** As a `google.protobuf.Value`, a character of JSON text takes 5.5 bytes at most: those of a list of digits. */
const bytesPerCharacterMax = 6;
/** What an event has beside its payload and its failure's message: ids, names, labels. */
const besidesBytesMax = 8_192;
/** What its place in a list takes. */
const placeBytesMax = 6;
const pageBytesMax = messageBytesMax - 1_024;

/** At least as many bytes as the events take in a message. */
export function bytesBound(events: readonly RecordedEvent[], form: PayloadForm): number {
  return events.reduce((bytes, { event }) => {
    const payload = "payload" in event && carriesPayloads(form) ? (event.payload?.text.length ?? 0) : 0;
    const failure = "failure" in event ? event.failure.message.length : 0;
    return bytes + besidesBytesMax + bytesPerCharacterMax * (payload + failure);
  }, 0);
}

function carriesPayloads(form: PayloadForm): boolean {
  return form !== PayloadForm.OMIT && form !== PayloadForm.DIGEST;
}

/**
 * The events in lists that fit into one message each; measured only when the bound says that they might not.
 * Throws when it comes to an event that fits into none.
 */
export function* pagesOf(events: EventMessage[], bound: number): Generator<EventMessage[], void> {
  if (bound <= pageBytesMax) return yield events;
  let page: EventMessage[] = [];
  let pageBytes = 0;
  for (const event of events) {
    const bytes = toBinary(EventSchema, event).byteLength + placeBytesMax;
    if (page.length > 0 && pageBytes + bytes > pageBytesMax) {
      yield page;
      [page, pageBytes] = [[], 0];
    }
    if (bytes > pageBytesMax) throw eventTooLarge(event, bytes);
    page.push(event);
    pageBytes += bytes;
  }
  yield page;
}

function eventTooLarge({ sequence }: EventMessage, bytes: number): RpcError {
  return messageTooLarge(
    `event ${sequence} has ${bytes} bytes in this form`,
    "ask with PAYLOAD_FORM_DATA, which is the shortest, or without payloads",
  );
}
