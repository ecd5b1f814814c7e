import type { Command } from "./arguments/command.ts";
import { agentsCommand } from "./commands/agents.ts";
import { alertsCommand } from "./commands/alerts.ts";
import { breakersCommand } from "./commands/breakers.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { completeCommand } from "./commands/complete.ts";
import { devCommand } from "./commands/dev.ts";
import { drainCommand } from "./commands/drain.ts";
import { eventsCommand } from "./commands/events.ts";
import { explainCommand } from "./commands/explain.ts";
import { getCommand } from "./commands/get.ts";
import { listCommand } from "./commands/list.ts";
import { pauseCommand } from "./commands/pause.ts";
import { planCommand } from "./commands/plan.ts";
import { registerCommand } from "./commands/register.ts";
import { resumeCommand } from "./commands/resume.ts";
import { runCommand } from "./commands/run.ts";
import { startCommand } from "./commands/start.ts";
import { validateCommand } from "./commands/validate.ts";
import { watchCommand } from "./commands/watch.ts";
import { workflowsCommand } from "./commands/workflows.ts";

/** Every command, in the order of help. */
export const commands: readonly Command[] = [
  devCommand,
  runCommand,
  startCommand,
  watchCommand,
  getCommand,
  listCommand,
  eventsCommand,
  explainCommand,
  pauseCommand,
  resumeCommand,
  completeCommand,
  cancelCommand,
  validateCommand,
  planCommand,
  registerCommand,
  workflowsCommand,
  agentsCommand,
  drainCommand,
  breakersCommand,
  alertsCommand,
];
