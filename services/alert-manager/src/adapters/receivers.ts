import type { Clock } from "@weft/runtime/clock";
import type { Environment } from "@weft/runtime/config-reader";
import type { Logger } from "@weft/runtime/logger";
import type { Receiver } from "../app/ports.ts";
import type { ReceiverConfig } from "../core/receiver-config.ts";
import { emailReceiver } from "./receiver-email.ts";
import { logReceiver } from "./receiver-log.ts";
import { pagerDutyReceiver } from "./receiver-pagerduty.ts";
import { slackReceiver } from "./receiver-slack.ts";
import { webhookReceiver } from "./receiver-webhook.ts";
import { addressReader, SecretMissing, secretReader } from "./secret.ts";

export type ReceiverWorld = {
  readonly clock: Clock;
  /** Where secrets are that a reference seeks there. */
  readonly environment: Environment;
  readonly logger: Logger;
};

/** Whoever a configuration names. A secret that is missing is a failure of the moment, and tried again. */
export function openReceiver(config: ReceiverConfig, world: ReceiverWorld): Receiver {
  const receiver = receiverOf(config, world);
  return {
    async send(notification, signal) {
      try {
        return await receiver.send(notification, signal);
      } catch (error) {
        if (error instanceof SecretMissing) return { kind: "retry", reason: error.message };
        world.logger.error({ receiver: config.name, err: error }, "a receiver threw");
        return {
          kind: "retry",
          reason: "the notification could not be sent; the service's log has the cause",
        };
      }
    },
  };
}

function receiverOf(config: ReceiverConfig, { clock, environment, logger }: ReceiverWorld): Receiver {
  const secretOf = secretReader(environment);
  const addressOf = addressReader(environment);
  switch (config.kind) {
    case "webhook": {
      const { url, secrets, token } = config;
      return webhookReceiver(clock, {
        url: addressOf(url),
        secrets: secrets.map(secretOf),
        token: token && secretOf(token),
      });
    }
    case "slack":
      return slackReceiver(clock, { url: addressOf(config.url) });
    case "pagerduty":
      return pagerDutyReceiver(clock, {
        url: addressOf(config.url),
        routingKey: secretOf(config.routingKey),
      });
    case "email": {
      const { login } = config;
      return emailReceiver({ ...config, login: login && { ...login, password: secretOf(login.password) } });
    }
    case "log":
      return logReceiver(logger);
  }
}
