import { describe, expect, it } from "vitest";
import { checkReceivers } from "./check-receivers.ts";
import type { Problem } from "./problem.ts";

function read(document: object) {
  const problems: Problem[] = [];
  return {
    ...checkReceivers(document, problems),
    problems: problems.map(({ field, message }) => `${field} ${message}`),
  };
}

const one = (receiver: object) => read({ receivers: [{ name: "one", ...receiver }] });
const fromEnv = { fromEnv: "SECRET" };
const email = { kind: "email", host: "mail.example.com", from: "weft@example.com", to: "ops@example.com" };

describe("receivers in a document", () => {
  it("are the log alone where it names none", () => {
    const log = [{ name: "default", kind: "log" }];
    expect(read({})).toEqual({ receivers: log, alertmanager: undefined, problems: [] });
    expect(read({ receivers: [{ name: "default", kind: "slack", url: fromEnv }] }).receivers).toMatchObject([
      { name: "default", kind: "slack" },
    ]);
  });

  it("are of every kind, with secrets as references", () => {
    const { receivers, problems } = read({
      receivers: [
        {
          name: "hook",
          kind: "webhook",
          url: "https://example.com/x",
          secret: [fromEnv, { fromFile: "/run/old" }],
        },
        { name: "chat", kind: "slack", url: { fromFile: "/run/slack" } },
        { name: "pager", kind: "pagerduty", routingKey: fromEnv },
        { name: "mail", ...email, user: "weft", password: fromEnv },
        { name: "default", kind: "log" },
      ],
    });
    const env = { kind: "env", name: "SECRET" };
    expect(problems).toEqual([]);
    expect(receivers).toMatchObject([
      {
        kind: "webhook",
        url: { url: "https://example.com/x" },
        secrets: [env, { kind: "file", path: "/run/old" }],
      },
      { kind: "slack", url: { kind: "file", path: "/run/slack" } },
      { kind: "pagerduty", routingKey: env, url: { url: "https://events.pagerduty.com/v2/enqueue" } },
      {
        kind: "email",
        port: 587,
        encryption: "starttls",
        to: ["ops@example.com"],
        login: { user: "weft", password: env },
      },
      { kind: "log" },
    ]);
  });

  it("are told every mistake, by its field", () => {
    expect(
      read({
        receivers: [
          { name: "A b", kind: "webhook" },
          { kind: "fax" },
          { name: "log", kind: "log", url: "x" },
          "log",
        ],
      }).problems,
    ).toEqual([
      'receivers[0].name "A b" is no name of a receiver: a-z, 0-9 and "-", such as on-call',
      "receivers[0].url is missing",
      'receivers[1].kind "fax" is unknown: must be webhook, slack, pagerduty, email, log',
      "receivers[1].name is missing",
      "receivers[2].url is unknown: the fields here are name, kind",
      "receivers[3] must be an object, is text",
    ]);
  });

  it("are refused a secret in the open, which is not repeated", () => {
    const { problems } = one({ kind: "pagerduty", routingKey: "s3cret" });
    expect(problems).toEqual([
      "receivers[0].routingKey must say where the secret is: { fromEnv: NAME } or { fromFile: PATH }",
    ]);
    expect(one({ kind: "slack", url: "https://user:s3cret@example.com" }).problems.join()).not.toContain(
      "s3cret",
    );
    expect(one({ kind: "slack", url: "https://s3cret@example.com" }).problems).toHaveLength(1);
    expect(one({ kind: "webhook", url: "https://x.example", secret: [] }).problems).toHaveLength(1);
    expect(one({ kind: "slack", url: { fromEnv: "A", fromFile: "b" } }).problems).toHaveLength(1);
    expect(one({ kind: "slack", url: { fromEnv: "not a name" } }).problems).toHaveLength(1);
  });

  it("are reached by http and https alone", () => {
    for (const url of ["ftp://example.com", "file:///etc/passwd", "example.com", ""])
      expect(one({ kind: "slack", url }).problems).toHaveLength(1);
  });

  it("are not mailed what would go wrong", () => {
    const bad = (differing: object) => one({ ...email, ...differing }).problems;
    expect(bad({})).toEqual([]);
    expect(bad({ user: "weft" })).toHaveLength(1);
    expect(bad({ user: "weft", password: fromEnv, encryption: "none" })).toHaveLength(1);
    expect(bad({ to: [] })).toHaveLength(1);
    expect(bad({ to: ["ops"] })).toHaveLength(1);
    expect(bad({ from: "weft@example.com\r\nBcc: eve@example.com" })).toHaveLength(1);
    expect(bad({ port: 0 })).toHaveLength(1);
    expect(bad({ host: "mail example" })).toHaveLength(1);
  });

  it("have names of their own", () => {
    const log = { name: "one", kind: "log" };
    expect(read({ receivers: [log, log] }).problems).toEqual([
      "receivers[1].name is that of another receiver",
    ]);
  });
});

describe("Alertmanagers in a document", () => {
  it("are all members of a cluster, and labels for every alert", () => {
    const urls = ["http://am-0:9093", "http://am-1:9093"];
    expect(read({ alertmanager: { urls, labels: { cluster: "eu" } } })).toMatchObject({
      problems: [],
      alertmanager: { urls: [{ url: urls[0] }, { url: urls[1] }], labels: { cluster: "eu" } },
    });
  });

  it("are told every mistake", () => {
    expect(read({ alertmanager: { urls: [], labels: { "a-b": "x" }, token: "t" } }).problems).toEqual([
      "alertmanager.urls must be a list of 1 to 50, one for each member",
      "alertmanager.token must say where the secret is: { fromEnv: NAME } or { fromFile: PATH }",
      'alertmanager.labels["a-b"] is no name of a label: letters, digits and _',
    ]);
  });
});
