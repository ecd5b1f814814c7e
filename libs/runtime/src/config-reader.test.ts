import { describe, expect, it } from "vitest";
import { ConfigReader, parseAddress } from "./config-reader.ts";

const anySpan = { min: 0, max: 86_400_000 };

describe("reading configuration", () => {
  it("takes defaults for what is unset or empty", () => {
    const read = new ConfigReader({ WEFT_EMPTY: "" });
    expect(read.text("WEFT_EMPTY", "default")).toBe("default");
    expect(read.text("WEFT_UNSET")).toBeUndefined();
    expect(read.secret("WEFT_UNSET")).toBeUndefined();
    expect(read.boolean("WEFT_UNSET", true)).toBe(true);
    expect(read.integer("WEFT_UNSET", 7, { min: 1, max: 9 })).toBe(7);
    expect(read.durationMs("WEFT_UNSET", 10_000, anySpan)).toBe(10_000);
    expect(read.address("WEFT_UNSET", "127.0.0.1:7401")).toBe("127.0.0.1:7401");
    expect(read.oneOf("WEFT_UNSET", "info", ["info", "warn"])).toBe("info");
    read.finish();
  });

  it.each([
    ["250ms", 250],
    ["10s", 10_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["0s", 0],
  ])("reads the duration %s", (value, ms) => {
    expect(new ConfigReader({ D: value }).durationMs("D", 1, anySpan)).toBe(ms);
  });

  it("tells every problem at once: the name, the value and what is expected", () => {
    const read = new ConfigReader({
      WEFT_LEASE: "soon",
      WEFT_GRACE: "2h",
      WEFT_SLOTS: "1e3",
      WEFT_INSECURE: "yes",
      WEFT_ADDRESS: "localhost",
      WEFT_LOG_LEVEL: "loud",
    });
    expect(read.durationMs("WEFT_LEASE", 10_000, { min: 1_000, max: 600_000 })).toBe(10_000);
    read.durationMs("WEFT_GRACE", 1_000, { min: 500, max: 90_000 });
    read.integer("WEFT_SLOTS", 4, { min: 1, max: 10_000 });
    read.boolean("WEFT_INSECURE", false);
    read.address("WEFT_ADDRESS", "127.0.0.1:1");
    read.oneOf("WEFT_LOG_LEVEL", "info", ["info", "warn"]);
    expect(() => read.finish()).toThrow(
      [
        'WEFT_LEASE="soon": expected a duration such as 10s, from 1s to 10m',
        'WEFT_GRACE="2h": expected a duration such as 10s, from 500ms to 90s',
        'WEFT_SLOTS="1e3": expected a whole number from 1 to 10000',
        'WEFT_INSECURE="yes": expected 1, true, 0 or false',
        'WEFT_ADDRESS="localhost": expected host:port, such as 127.0.0.1:7401',
        'WEFT_LOG_LEVEL="loud": expected one of info, warn',
      ].join("\n"),
    );
  });

  it("never shows a secret", () => {
    const read = new ConfigReader({ WEFT_TOKEN: "correct horse" });
    expect(read.secret("WEFT_TOKEN")).toBeUndefined();
    expect(() => read.finish()).toThrow(/^WEFT_TOKEN=\(hidden\): expected 1 to 4096 printable ASCII/);
  });
});

describe("an address", () => {
  it.each([
    ["127.0.0.1:7401", "127.0.0.1", 7401],
    ["agents.example.com:0", "agents.example.com", 0],
    ["[::1]:65535", "::1", 65_535],
  ])("%s has a host and a port", (address, host, port) => {
    expect(parseAddress(address)).toEqual({ host, port });
  });

  it.each(["", "localhost", ":7401", "host:", "host:65536", "::1:7401", "http://host:1", "host :1"])(
    "%j is none",
    (address) => {
      expect(parseAddress(address)).toBeUndefined();
    },
  );
});
