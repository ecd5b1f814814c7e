import { type Line, spanOf } from "./line.ts";

type Running = {
  readonly orchestrator: string;
  readonly registry: string;
  readonly alerts: string;
  readonly data: string;
  /** Undefined: events stay in the process. */
  readonly nats: string | undefined;
  /** Executions that a former process left unfinished. */
  readonly recovered: number;
};

/** What `weft dev` says when it is ready: where everything is, and what to type next. */
export function devLines(running: Running): readonly Line[] {
  const { orchestrator, registry, alerts, data, nats, recovered } = running;
  const went = recovered === 1 ? "1 execution goes on" : `${recovered} executions go on`;
  return [
    [
      spanOf("weft dev", ["bold", "cyan"]),
      spanOf(" is ready"),
      spanOf(recovered > 0 ? `; ${went}` : "", "yellow"),
    ],
    [],
    fact("orchestrator", orchestrator),
    fact("registry", registry),
    fact("alerts", alerts),
    fact("data", data),
    ...(nats === undefined ? [] : [fact("events", nats)]),
    [],
    [spanOf("In another terminal, here or in a folder below:", "dim")],
    next("weft agents", "who is there"),
    next("weft run FILE --input key=value", "run a workflow"),
    next("weft list", "what has run"),
    next("weft alerts", "what is wrong"),
    [],
    [spanOf("Ctrl-C stops it; the next start goes on from here.", "dim")],
  ];
}

function fact(name: string, value: string): Line {
  return [spanOf(`  ${name.padEnd(13)}`, "dim"), spanOf(value)];
}

function next(line: string, does: string): Line {
  return [spanOf(`  ${line.padEnd(34)}`, "cyan"), spanOf(does, "dim")];
}
