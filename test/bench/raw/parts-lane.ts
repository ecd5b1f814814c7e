import { close, constants, openSync, writeFileSync, write as writeTo } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Client } from "@grpc/grpc-js";
import { bidiLane, type Lane, type OnEcho, type OnError, unaryLane } from "./lane.ts";

/** As much as the commit of a step's result writes. */
const record = Buffer.alloc(8 * 1024, "x");
const recordsInFile = 2_000;
const stepCount = 3;

/**
 * What an execution of three steps has to do one after the other, and nothing else: a call from the backend; for
 * the start and each step's result a durable write, on another thread than the calls'; before each result an echo
 * on a stream, as from an agent. One at a time.
 */
export function partsLane(client: Client, folder: string, onEcho: OnEcho, onError: OnError): Lane {
  const file = openFile(folder);
  const unary = echoes((onEach) => unaryLane(client, onEach, onError));
  const bidi = echoes((onEach) => bidiLane(client, onEach, onError));
  const run = async (sentMs: number): Promise<void> => {
    await unary.echo();
    await file.write();
    for (let step = 0; step < stepCount; step += 1) {
      await bidi.echo();
      await file.write();
    }
    onEcho(sentMs);
  };
  return {
    send: (sentMs) => void run(sentMs).catch(onError),
    close() {
      bidi.lane.close();
      file.close(onError);
    },
  };
}

function echoes(open: (onEcho: OnEcho) => Lane) {
  let echoed: () => void = () => {};
  const lane = open(() => echoed());
  const echo = (): Promise<void> =>
    new Promise((resolve) => {
      echoed = resolve;
      lane.send(0);
    });
  return { lane, echo };
}

/** It has its size already, as a write-ahead log in use has, and is written round and round. */
function openFile(folder: string) {
  const { O_RDWR, O_SYNC } = constants;
  const path = join(folder, "raw-parts");
  writeFileSync(path, Buffer.alloc(recordsInFile * record.length), { flush: true });
  const file = openSync(path, O_RDWR | O_SYNC);
  const writeRecord = promisify(writeTo);
  let written = 0;
  return {
    async write(): Promise<void> {
      await writeRecord(file, record, 0, record.length, (written % recordsInFile) * record.length);
      written += 1;
    },
    close: (onError: OnError) => close(file, (error) => error && onError(error)),
  };
}
