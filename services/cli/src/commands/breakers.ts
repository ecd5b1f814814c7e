import {
  CircuitBreakerChangeSchema,
  CircuitBreakerState,
  ListCircuitBreakersResponseSchema,
  ResetCircuitBreakerResponseSchema,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command, optional } from "../arguments/command.ts";
import { anyOf } from "../arguments/option.ts";
import { pageOf, pagingOptions, tellMore } from "../arguments/paging.ts";
import { usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { followBreakers } from "../progress/follow-breakers.ts";
import { tellConnection, untilInterrupted } from "../progress/following.ts";
import { breakerLine } from "../render/breaker-line.ts";
import { breakerTable } from "../render/breaker-table.ts";
import { lineOf } from "../render/line.ts";
import { writeDocument, writeRecord } from "../terminal/json-output.ts";
import { columnsOf, writeLines } from "../terminal/screen.ts";

const states = {
  open: CircuitBreakerState.OPEN,
  "half-open": CircuitBreakerState.HALF_OPEN,
  closed: CircuitBreakerState.CLOSED,
} as const;
const stateNames = Object.keys(states) as (keyof typeof states)[];

type ListOptions = Parameters<typeof pageOf>[0] & { readonly state: readonly (keyof typeof states)[] };

/** `weft breakers`: what is left alone for a while because it keeps failing. */
export const breakersCommand = command({
  name: "breakers",
  group: "Agents:",
  summary: "List or watch circuit breakers, or reset one",
  details: `An agent that keeps failing at a capability gets no work of it, and a step that keeps failing is held back,
until a probe has succeeded. To reset one is to take it for sound: what it held goes on at once. To watch is to see
those that are not closed, then each change, until Ctrl-C; a broken connection is made again.`,
  arguments: {
    action: optional("list (the default), watch or reset"),
    breaker: optional("the name of the one to reset, as the list has it"),
  },
  options: { state: anyOf("state", stateNames, "only those that are"), ...pagingOptions },
  examples: [
    ["weft breakers list --state open", "what is left alone now"],
    ["weft breakers watch -o json", "one line for each that is not closed, and for each change"],
    ["weft breakers reset step/report:publish", "the receiver is back: let the step go on"],
  ],
  async run({ arguments: { action = "list", breaker }, options }, context) {
    if (action === "list" && breaker === undefined) await list(options, context);
    else if (action === "watch" && breaker === undefined) await watch(options, context);
    else if (action === "reset" && breaker !== undefined) await reset(breaker, context);
    else throw usageError("expected: weft breakers list, weft breakers watch, or weft breakers reset NAME");
    return exitCodes.succeeded;
  },
});

async function list(options: ListOptions, context: Context): Promise<void> {
  const { connection, namespace, clock, out, form } = context;
  const filter = { namespace, states: options.state.map((name) => states[name]) };
  const response = await connection
    .orchestrator()
    .call((client, callOptions) =>
      client.listCircuitBreakers({ ...filter, ...pageOf(options) }, callOptions),
    );
  if (form === "json") return writeDocument(out, ListCircuitBreakersResponseSchema, response);
  writeLines(out, breakerTable(response.breakers, clock.now(), columnsOf(out)));
  tellMore("weft breakers", response.nextPageToken, context);
}

async function watch({ state, limit, pageToken }: ListOptions, context: Context): Promise<void> {
  const { connection, namespace, clock, out, form } = context;
  if (state.length > 0 || limit !== undefined || pageToken !== undefined)
    throw usageError("--state, --limit and --page-token are for the list");
  await untilInterrupted(context, async (signal) => {
    const ports = { orchestrator: connection.orchestrator(), clock, signal };
    for await (const followed of followBreakers(namespace, ports)) {
      if (followed.kind !== "breaker") tellConnection(followed, context);
      else if (form === "json") writeRecord(out, CircuitBreakerChangeSchema, followed.change);
      else writeLines(out, [breakerLine(followed.change, clock.now())]);
    }
  });
}

async function reset(name: string, { connection, namespace, out, form }: Context): Promise<void> {
  const response = await connection
    .orchestrator()
    .call((client, callOptions) => client.resetCircuitBreaker({ namespace, name }, callOptions));
  if (form === "json") writeDocument(out, ResetCircuitBreakerResponseSchema, response);
  else writeLines(out, [lineOf(`${name} is closed`)]);
}
