import type { Clock } from "@weft/runtime/clock";
import type { Environment } from "@weft/runtime/config-reader";
import type { AlertmanagerMember, Mirrored } from "../app/alertmanager-mirror.ts";
import type { SendOutcome } from "../app/ports.ts";
import type { AlertmanagerConfig } from "../core/receiver-config.ts";
import { post } from "./http-post.ts";
import { addressReader, type ReadSecret, SecretMissing, secretReader } from "./secret.ts";

type World = { readonly clock: Clock; readonly environment: Environment };

/** The members that a configuration names, over Alertmanager's API v2. */
export function openAlertmanagers(config: AlertmanagerConfig | undefined, world: World): Mirrored {
  if (!config) return { members: [], labels: {} };
  const addressOf = addressReader(world.environment);
  const token = config.token && secretReader(world.environment)(config.token);
  const members = config.urls.map((url, index) =>
    member(`alertmanager-${index}`, addressOf(url), token, world),
  );
  return { members, labels: config.labels };
}

function member(
  name: string,
  url: ReadSecret,
  readToken: ReadSecret | undefined,
  { clock }: World,
): AlertmanagerMember {
  return {
    name,
    async post(alerts, signal): Promise<SendOutcome> {
      try {
        const token = await readToken?.();
        const body = JSON.stringify(
          alerts.map(({ labels, annotations, startsAtMs, endsAtMs }) => ({
            labels,
            annotations,
            startsAt: new Date(startsAtMs).toISOString(),
            endsAt: new Date(endsAtMs).toISOString(),
          })),
        );
        return await post(clock, {
          url: `${(await url()).replace(/\/+$/, "")}/api/v2/alerts`,
          body,
          signal,
          ...(token !== undefined && { headers: { authorization: `Bearer ${token}` }, secrets: [token] }),
        });
      } catch (error) {
        const reason = error instanceof SecretMissing ? error.message : "the request failed";
        return { kind: "retry", reason };
      }
    },
  };
}
