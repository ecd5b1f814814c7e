/** Where a secret is: never the secret itself, so that a configuration may be shown and kept anywhere. */
export type SecretReference =
  | { readonly kind: "env"; readonly name: string }
  /** Read anew for every use: what is rotated there is used at once. */
  | { readonly kind: "file"; readonly path: string };

/** An address may hold a key, as those of chats do. */
export type Address = { readonly kind: "plain"; readonly url: string } | SecretReference;

export type WebhookConfig = {
  readonly kind: "webhook";
  readonly url: Address;
  /** Signs what is sent; two while one replaces the other. Empty: it is not signed. */
  readonly secrets: readonly SecretReference[];
  /** Sent as a bearer token. */
  readonly token: SecretReference | undefined;
};

export type SlackConfig = { readonly kind: "slack"; readonly url: Address };

export type PagerDutyConfig = {
  readonly kind: "pagerduty";
  readonly routingKey: SecretReference;
  readonly url: Address;
};

export type EmailConfig = {
  readonly kind: "email";
  readonly host: string;
  readonly port: number;
  /** starttls: refused by a server that has none. tls: from the first byte. none: in the clear. */
  readonly encryption: "starttls" | "tls" | "none";
  /** PEM file of the authority to trust instead of the public ones. */
  readonly caFile: string | undefined;
  readonly login: { readonly user: string; readonly password: SecretReference } | undefined;
  readonly from: string;
  readonly to: readonly string[];
};

export type LogConfig = { readonly kind: "log" };

/** Somebody who is told of alerts, as the configuration has it. */
export type ReceiverConfig = { readonly name: string } & (
  | WebhookConfig
  | SlackConfig
  | PagerDutyConfig
  | EmailConfig
  | LogConfig
);

/** Prometheus Alertmanagers that are shown every alert, each member of a cluster. */
export type AlertmanagerConfig = {
  readonly urls: readonly Address[];
  readonly token: SecretReference | undefined;
  /** Added to every alert, such as cluster: a name. */
  readonly labels: Readonly<Record<string, string>>;
};

export const pagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";
