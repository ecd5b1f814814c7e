import { address, flag, oneOf, switchedOff, text } from "./option.ts";

/** What every command takes, before or after its name. */
export const globalOptions = {
  output: oneOf(["text", "json"], "text", "json for programs; in streams a line each", "o"),
  namespace: text("name", 'default "default"; WEFT_NAMESPACE'),
  address: address("host:port", "the orchestrator; WEFT_ORCHESTRATOR, or .weft/dev.json"),
  registry: address("host:port", "the registry; WEFT_REGISTRY, or .weft/dev.json"),
  alerts: address("host:port", "the alert manager; WEFT_ALERTS, or .weft/dev.json"),
  token: text("token", "shown to all; WEFT_TOKEN, or .weft/dev.json"),
  color: switchedOff("no colours; NO_COLOR"),
  verbose: flag("logs, and stacks of unexpected errors"),
};
