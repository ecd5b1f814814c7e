import { expect, it } from "vitest";
import { withoutCredentials, withoutSecrets } from "./redaction.ts";

it("hides texts whose names say that they are secrets, as deep as lines go", () => {
  const fields = {
    token: "t",
    Authorization: "Bearer t",
    completionToken: "t",
    apiKey: "k",
    headers: { cookie: "c", accept: "*/*" },
    list: [{ password: "p" }],
  };
  expect(withoutSecrets(fields)).toEqual({
    token: "[redacted]",
    Authorization: "[redacted]",
    completionToken: "[redacted]",
    apiKey: "[redacted]",
    headers: { cookie: "[redacted]", accept: "*/*" },
    list: [{ password: "[redacted]" }],
  });
  expect(fields.token).toBe("t");
});

it("leaves what is no secret as it is, counts of tokens among it", () => {
  const fields = {
    tokens: 512,
    promptTokens: 3,
    token: 7,
    secretary: "Ada",
    agentId: "a",
    err: new Error("x"),
  };
  expect(withoutSecrets(fields)).toBe(fields);
});

it("survives what refers to itself", () => {
  const circle: { self?: unknown; token: string } = { token: "t" };
  circle.self = circle;
  expect(withoutSecrets(circle).token).toBe("[redacted]");
});

it("hides credentials that a text quotes", () => {
  expect(withoutCredentials("sent Authorization: Bearer ey.J-9_x= to it")).toBe(
    "sent Authorization: Bearer [redacted] to it",
  );
  expect(withoutCredentials("the bearer of this")).toBe("the bearer of this");
});
