import { command, optional } from "../arguments/command.ts";
import { anyOf, flag, labels, text } from "../arguments/option.ts";
import { pagingOptions } from "../arguments/paging.ts";
import { usageError } from "../command-error.ts";
import type { ExitCode } from "../exit-code.ts";
import { severityNames, stateNames } from "./alert-filter.ts";
import { listAlerts, listRules, listSilences, showAlert, watchAlerts } from "./alert-reads.ts";
import { acknowledge, createSilence, expireSilence } from "./alert-requests.ts";
import { testReceiver, testRules } from "./alert-trials.ts";

/** `weft alerts`: what is wrong, who was told, and who has taken it on. */
export const alertsCommand = command({
  name: "alerts",
  group: "Alerts:",
  summary: "List, acknowledge and silence alerts; try rules",
  details: `list (the default) and watch show alerts; show ALERT one of them, and whom it was told. ack ALERT says that you
have taken it on: it escalates no more. silence --match label=pattern --for 2h mutes what matches, silence ALERT one
alert; silences lists them and unsilence SILENCE ends one. rules shows the rules in force and who is told; test FILE
says what rules would alert now, or of the events in a file, and test --receiver NAME sends a test notification.
In a pattern * stands for any text, and ! at its beginning turns it around.`,
  arguments: {
    action: optional("list, watch, show, ack, silence, silences, unsilence, rules or test"),
    subject: optional("an alert, a silence, or a file of rules"),
  },
  options: {
    state: anyOf("state", stateNames, "only those that are"),
    severity: anyOf("severity", severityNames, "only those that are"),
    match: labels("only those whose label, rule or severity is like this pattern"),
    unmuted: flag("without those that are silenced or explained by another"),
    for: text("duration", "how long to silence: 30m, 2h, 3d"),
    comment: text("text", "why"),
    by: text("name", "who; USER"),
    expired: flag("silences that are over as well"),
    events: text("file", "events to try rules on, one JSON object a line"),
    receiver: text("name", "a receiver to try"),
    ...pagingOptions,
  },
  examples: [
    ["weft alerts", "what is wrong"],
    ["weft alerts show 85944171f73967e8", "since when, and who knows"],
    ["weft alerts ack 85944171f73967e8 --comment 'rolling back'", "stop the escalation"],
    ["weft alerts silence --match workflow=nightly-* --for 2h", "before planned work"],
    ["weft alerts test alerts.yaml", "what would these rules say now?"],
  ],
  async run({ arguments: { action = "list", subject }, options }, context): Promise<ExitCode> {
    switch (action) {
      case "list":
        return listAlerts(options, context);
      case "watch":
        return watchAlerts(options, context);
      case "show":
        return showAlert(named("an alert", subject), context);
      case "ack":
        return acknowledge(named("an alert", subject), options, context);
      case "silence":
        return createSilence(subject, options, context);
      case "silences":
        return listSilences(options, context);
      case "unsilence":
        return expireSilence(named("a silence", subject), context);
      case "rules":
        return listRules(context);
      case "test":
        if (options.receiver !== undefined) return testReceiver(options.receiver, context);
        return testRules(named("a file of rules, or --receiver", subject), options.events, context);
      default:
        throw usageError(
          `weft alerts ${action}: expected list, watch, show, ack, silence, silences, unsilence, rules or test`,
        );
    }
  },
});

function named(what: string, subject: string | undefined): string {
  if (subject !== undefined) return subject;
  throw usageError(`name ${what}`, "weft alerts --help shows how");
}
