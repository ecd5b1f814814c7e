import { isLabelName } from "./check-matchers.ts";
import { labelsMax, receiversMax, recipientsMax } from "./limits.ts";
import type { Problem } from "./problem.ts";
import {
  type Address,
  type AlertmanagerConfig,
  type EmailConfig,
  pagerDutyUrl,
  type ReceiverConfig,
  type SecretReference,
} from "./receiver-config.ts";
import {
  isObject,
  memberOf,
  openObject,
  type Place,
  readChoice,
  readList,
  readNumber,
  readText,
  readTexts,
  refuse,
  requireKeys,
  valueAt,
} from "./tree-reader.ts";

/** Whom a document of rules can tell. */
export type Receivers = {
  readonly receivers: readonly ReceiverConfig[];
  readonly alertmanager: AlertmanagerConfig | undefined;
};

const kinds = {
  webhook: ["url", "secret", "token"],
  slack: ["url"],
  pagerduty: ["routingKey", "url"],
  email: ["host", "port", "encryption", "caFile", "user", "password", "from", "to"],
  log: [],
} as const;
type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];
const encryptions = ["starttls", "tls", "none"] as const;

/** The shipped rules tell it. */
const defaultReceiver: ReceiverConfig = { name: "default", kind: "log" };
/** One that replaces the other, and that one. */
const secretsMax = 2;

/** Reads `receivers` and `alertmanager`. Without a receiver `default`, that is the log. */
export function checkReceivers(tree: unknown, problems: Problem[]): Receivers {
  if (!isObject(tree)) return { receivers: [defaultReceiver], alertmanager: undefined };
  const place: Place = { object: tree, field: "", problems };
  const own: ReceiverConfig[] = [];
  for (const { value, field } of readList(place, "receivers", receiversMax)) {
    const receiver = readReceiver(value, field, problems);
    if (!receiver) continue;
    if (own.some(({ name }) => name === receiver.name))
      problems.push({ field: `${field}.name`, message: "is that of another receiver" });
    own.push(receiver);
  }
  const hasDefault = own.some(({ name }) => name === defaultReceiver.name);
  return {
    receivers: hasDefault ? own : [...own, defaultReceiver],
    alertmanager: readAlertmanager(place),
  };
}

/** Undefined when it has problems. */
function readReceiver(value: unknown, field: string, problems: Problem[]): ReceiverConfig | undefined {
  const before = problems.length;
  const kind = isObject(value) ? readKind({ object: value, field, problems }) : undefined;
  const known = kind ? kinds[kind] : Object.values(kinds).flat();
  const place = openObject(value, field, ["name", "kind", ...known], problems);
  if (!place) return undefined;
  requireKeys(place, "name", "kind");
  const name = readText(place, "name", (text) =>
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
      ? undefined
      : 'is no name of a receiver: a-z, 0-9 and "-", such as on-call',
  );
  const config = kind && readConfig(place, kind);
  return problems.length === before && name !== undefined && config ? { name, ...config } : undefined;
}

function readKind(place: Place): Kind | undefined {
  return readChoice({ ...place, problems: [] }, "kind", kindNames) ?? readChoice(place, "kind", kindNames);
}

/** What is missing has been noted: nobody sees the empty text in its place. */
function readConfig(place: Place, kind: Kind) {
  switch (kind) {
    case "webhook": {
      requireKeys(place, "url");
      return {
        kind,
        url: readAddress(place, "url"),
        secrets: readSecrets(place),
        token: readSecret(place, "token"),
      };
    }
    case "slack":
      requireKeys(place, "url");
      return { kind, url: readAddress(place, "url") };
    case "pagerduty": {
      requireKeys(place, "routingKey");
      const routingKey = readSecret(place, "routingKey") ?? nowhere;
      const isElsewhere = valueAt(place, "url") !== undefined;
      const url: Address = isElsewhere ? readAddress(place, "url") : { kind: "plain", url: pagerDutyUrl };
      return { kind, routingKey, url };
    }
    case "email":
      return readEmail(place);
    case "log":
      return { kind };
  }
}

const nowhere: SecretReference = { kind: "env", name: "" };

function readEmail(place: Place): EmailConfig {
  requireKeys(place, "host", "from", "to");
  const user = readText(place, "user");
  const password = readSecret(place, "password");
  if ((user === undefined) !== (password === undefined))
    refuse(place, user === undefined ? "user" : "password", "is missing: user and password go together");
  const encryption = readChoice(place, "encryption", encryptions) ?? "starttls";
  if (encryption === "none" && password !== undefined)
    refuse(place, "encryption", "must not be none: the password would be sent in the clear");
  const to = readTexts(place, "to", recipientsMax) ?? [];
  if (valueAt(place, "to") !== undefined && to.length === 0)
    refuse(place, "to", "must have at least one address");
  for (const address of to)
    if (!isMailAddress(address)) refuse(place, "to", "must be addresses such as ops@example.com");
  return {
    kind: "email",
    host:
      readText(place, "host", (text) => (/^[A-Za-z0-9.:-]+$/.test(text) ? undefined : "is no host")) ?? "",
    port:
      readNumber(place, "port", { min: 1, max: 65_535, whole: true }) ?? (encryption === "tls" ? 465 : 587),
    encryption,
    caFile: readText(place, "caFile"),
    login: user !== undefined && password ? { user, password } : undefined,
    from:
      readText(place, "from", (text) =>
        isMailAddress(text) ? undefined : "is no address such as weft@example.com",
      ) ?? "",
    to,
  };
}

/** The server has the last word; this is against slips, and against headers in an address. */
function isMailAddress(text: string): boolean {
  return /^(?:[^<>\p{Cc}]{1,100}<[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/u.test(text);
}

function readAlertmanager(document: Place): AlertmanagerConfig | undefined {
  const value = valueAt(document, "alertmanager");
  if (value === undefined) return undefined;
  const place = openObject(value, "alertmanager", ["urls", "token", "labels"], document.problems);
  if (!place) return undefined;
  requireKeys(place, "urls");
  const urls = valueAt(place, "urls");
  const list: readonly unknown[] = Array.isArray(urls) ? urls : [];
  if (urls !== undefined && (list.length === 0 || list.length > recipientsMax))
    refuse(place, "urls", `must be a list of 1 to ${recipientsMax}, one for each member`);
  const read = list
    .slice(0, recipientsMax)
    .map((_, index) => readAddressAt(list[index], `alertmanager.urls[${index}]`, place.problems));
  return { urls: read, token: readSecret(place, "token"), labels: readLabels(place) };
}

function readLabels(parent: Place): Readonly<Record<string, string>> {
  const value = valueAt(parent, "labels");
  if (value === undefined) return {};
  const given = Object.keys(Object(value));
  const place = openObject(value, memberOf(parent.field, "labels"), given, parent.problems);
  if (!place) return {};
  if (given.length > labelsMax) refuse(parent, "labels", `must be at most ${labelsMax}`);
  const read = given.slice(0, labelsMax).map((label) => {
    if (!isLabelName(label)) refuse(place, label, "is no name of a label: letters, digits and _");
    return [label, readText(place, label) ?? ""] as const;
  });
  return Object.fromEntries(read);
}

function readSecrets(place: Place): readonly SecretReference[] {
  const value = valueAt(place, "secret");
  const field = memberOf(place.field, "secret");
  if (!Array.isArray(value)) return value === undefined ? [] : [readSecretAt(value, field, place.problems)];
  if (value.length === 0 || value.length > secretsMax)
    refuse(place, "secret", `must be one, or a list of at most ${secretsMax}: the new one and the old one`);
  const list: readonly unknown[] = value.slice(0, secretsMax);
  return list.map((secret, index) => readSecretAt(secret, `${field}[${index}]`, place.problems));
}

function readSecret(place: Place, key: string): SecretReference | undefined {
  const value = valueAt(place, key);
  return value === undefined ? undefined : readSecretAt(value, memberOf(place.field, key), place.problems);
}

/** A text in its place is a secret in the open: it is refused, and not repeated. */
function readSecretAt(value: unknown, field: string, problems: Problem[]): SecretReference {
  const wanted = "must say where the secret is: { fromEnv: NAME } or { fromFile: PATH }";
  if (!isObject(value)) {
    problems.push({ field, message: wanted });
    return nowhere;
  }
  const place = openObject(value, field, ["fromEnv", "fromFile"], problems);
  const name =
    place &&
    readText(place, "fromEnv", (text) =>
      /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? undefined : "is no name of a variable",
    );
  const path = place && readText(place, "fromFile");
  if (place && "fromEnv" in value === "fromFile" in value) problems.push({ field, message: wanted });
  return path === undefined ? { kind: "env", name: name ?? "" } : { kind: "file", path };
}

function readAddress(place: Place, key: string): Address {
  const value = valueAt(place, key);
  return value === undefined ? nowhere : readAddressAt(value, memberOf(place.field, key), place.problems);
}

function readAddressAt(value: unknown, field: string, problems: Problem[]): Address {
  if (typeof value !== "string") return readSecretAt(value, field, problems);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || value.length > 2_000)
    problems.push({
      field,
      message: "must be an http or https URL, or say where that is: { fromEnv: NAME } or { fromFile: PATH }",
    });
  else if (url.username !== "" || url.password !== "")
    problems.push({
      field,
      message: "must not hold a password: say { fromEnv: NAME } or { fromFile: PATH }, or use token",
    });
  return { kind: "plain", url: value };
}
