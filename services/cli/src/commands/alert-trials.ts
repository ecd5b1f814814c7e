import { randomUUID } from "node:crypto";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
  type AlertChange,
  type Notification,
  TestReceiverResponseSchema,
  TestRuleResponseSchema,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import {
  type ExecutionEvent,
  ExecutionEventSchema,
  type SystemEvent,
  SystemEventSchema,
} from "@weft/proto/weft/events/v1/events_pb";
import { readText } from "../arguments/workflow-argument.ts";
import { usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { alertLine } from "../render/alert-lines.ts";
import { stateWord } from "../render/alert-words.ts";
import { type Line, lineOf, spanOf } from "../render/line.ts";
import { msOf, timeOfDay } from "../render/time.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

/** `weft alerts test FILE` */
export async function testRules(
  file: string,
  eventsFile: string | undefined,
  context: Context,
): Promise<ExitCode> {
  const { connection, out, form, directory, clock } = context;
  const rules = await readText(file, directory);
  const events = eventsFile === undefined ? {} : eventsIn(await readText(eventsFile, directory), eventsFile);
  const response = await connection
    .alerts()
    .call((client, call) => client.testRule({ rules, ...events }, call));
  if (form === "json") {
    writeDocument(out, TestRuleResponseSchema, response);
    return exitCodes.succeeded;
  }
  const { changes, notifications, leftOut } = response;
  const lines = [
    ...changes.flatMap((change) => changeLine(change, clock.now())),
    ...notifications.map(notificationLine),
    ...(leftOut === 0 ? [] : [lineOf(`and ${leftOut} more`, "dim")]),
  ];
  writeLines(out, lines.length > 0 ? lines : [lineOf("these rules would say nothing", "dim")]);
  return exitCodes.succeeded;
}

/** `weft alerts test --receiver` */
export async function testReceiver(receiver: string, { connection, out, form }: Context): Promise<ExitCode> {
  const request = { requestId: randomUUID(), receiver };
  const response = await connection.alerts().call((client, call) => client.testReceiver(request, call));
  const { delivered, reason, retryable } = response;
  if (form === "json") writeDocument(out, TestReceiverResponseSchema, response);
  else if (delivered) writeLines(out, [lineOf(`${receiver} has taken the test notification`, "green")]);
  else
    writeLines(out, [
      [
        spanOf(`${receiver} has not taken it`, ["red", "bold"]),
        spanOf(`: ${reason}`),
        spanOf(retryable ? "; an alert would be tried again" : "; an alert would be given up", "dim"),
      ],
    ]);
  return delivered ? exitCodes.succeeded : exitCodes.other;
}

function eventsIn(text: string, file: string) {
  const executionEvents: ExecutionEvent[] = [];
  const systemEvents: SystemEvent[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      const json = JSON.parse(line) as JsonValue;
      if (isOfSystem(json)) systemEvents.push(fromJson(SystemEventSchema, json));
      else executionEvents.push(fromJson(ExecutionEventSchema, json));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw usageError(`${file}, line ${index + 1}: no event: ${why}`);
    }
  }
  return { executionEvents, systemEvents };
}

function isOfSystem(json: JsonValue): boolean {
  return typeof json === "object" && json !== null && "source" in json;
}

function changeLine({ alert, time }: AlertChange, nowMs: number): readonly Line[] {
  return alert ? [alertLine(alert, msOf(time) ?? nowMs)] : [];
}

function notificationLine({ createTime, receiver, said, stage }: Notification): Line {
  return [
    spanOf(`${timeOfDay(msOf(createTime) ?? 0)}  `, "dim"),
    spanOf(receiver, "bold"),
    spanOf(` is told that it is ${stateWord(said)} (stage ${stage})`),
  ];
}
