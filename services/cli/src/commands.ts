import type { Command } from "./arguments/command.ts";
import { agentsCommand } from "./commands/agents.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { devCommand } from "./commands/dev.ts";
import { eventsCommand } from "./commands/events.ts";
import { getCommand } from "./commands/get.ts";
import { listCommand } from "./commands/list.ts";
import { planCommand } from "./commands/plan.ts";
import { registerCommand } from "./commands/register.ts";
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
  cancelCommand,
  validateCommand,
  planCommand,
  registerCommand,
  workflowsCommand,
  agentsCommand,
];
