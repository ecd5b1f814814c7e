import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

describe("the environment", () => {
  it("may say nothing", () => {
    expect(readConfig({})).toEqual({
      orchestrator: undefined,
      registry: undefined,
      alerts: undefined,
      token: undefined,
      environment: {},
      namespace: "",
      user: undefined,
      folder: ".weft",
      nats: undefined,
      path: "",
      color: undefined,
      isLive: true,
    });
  });

  it("says where the services are", () => {
    const env = {
      WEFT_ORCHESTRATOR: "10.0.0.7:7400",
      WEFT_REGISTRY: "r:1",
      WEFT_ALERTS: "a:1",
      USER: "ada",
      WEFT_TOKEN: "t",
      WEFT_NAMESPACE: "n",
    };
    expect(readConfig(env)).toMatchObject({
      orchestrator: "10.0.0.7:7400",
      registry: "r:1",
      alerts: "a:1",
      user: "ada",
      token: "t",
      namespace: "n",
    });
  });

  it("decides on colours and drawing", () => {
    expect(readConfig({ NO_COLOR: "1", FORCE_COLOR: "1" }).color).toBe(false);
    expect(readConfig({ FORCE_COLOR: "1" }).color).toBe(true);
    expect(readConfig({ FORCE_COLOR: "0" }).color).toBe(false);
    expect(readConfig({ TERM: "dumb" }).isLive).toBe(false);
    expect(readConfig({ CI: "true", TERM: "xterm" }).isLive).toBe(false);
  });

  it("is refused with every mistake in it, and without the token", () => {
    expect(() =>
      readConfig({ WEFT_ORCHESTRATOR: "here", WEFT_REGISTRY: "there", WEFT_TOKEN: "a b" }),
    ).toThrowError(/WEFT_ORCHESTRATOR="here"[\s\S]*WEFT_REGISTRY="there"[\s\S]*WEFT_TOKEN=\(hidden\)/);
  });
});
