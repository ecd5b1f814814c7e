import { expect, it } from "vitest";
import { ConfigReader, type Environment } from "./config-reader.ts";
import { readNats, readStreamLimits, streamLimitDefaults } from "./nats-config.ts";

function read(env: Environment) {
  const reader = new ConfigReader(env);
  const nats = readNats(reader, "orchestrator one");
  const limits = readStreamLimits(reader);
  reader.finish();
  return { nats, limits };
}

it("without a server there is no NATS, and the limits are the defaults", () => {
  expect(read({})).toEqual({ nats: undefined, limits: streamLimitDefaults });
});

it("servers, files and limits are read", () => {
  const { nats, limits } = read({
    WEFT_NATS_URL: "nats://a:4222, tls://b.example:4223",
    WEFT_NATS_CREDENTIALS_FILE: "/run/weft.creds",
    WEFT_NATS_TLS_CA_FILE: "/run/ca.pem",
    WEFT_NATS_STREAM_AGE_MAX: "2h",
    WEFT_NATS_STREAM_BYTES_MAX: "2000000",
    WEFT_NATS_MESSAGE_BYTES_MAX: "2048",
    WEFT_NATS_STREAM_REPLICAS: "3",
  });
  expect(nats).toEqual({
    servers: ["nats://a:4222", "tls://b.example:4223"],
    name: "orchestrator one",
    credentialsFile: "/run/weft.creds",
    tls: { caFile: "/run/ca.pem" },
  });
  expect(limits).toEqual({ maxAgeMs: 7_200_000, maxBytes: 2_000_000, messageBytesMax: 2_048, replicas: 3 });
});

it("what is wrong is named, and a secret in the wrong place is not shown", () => {
  expect(() => read({ WEFT_NATS_URL: "nats://ada:hunter2@a:4222" })).toThrow(
    /WEFT_NATS_URL=\(hidden\).*CREDENTIALS_FILE/,
  );
  expect(() => read({ WEFT_NATS_CREDENTIALS_FILE: "x" })).toThrow(/WEFT_NATS_URL/);
  expect(() => read({ WEFT_NATS_URL: "nats://a", WEFT_NATS_TLS_CERT_FILE: "x" })).toThrow(
    /WEFT_NATS_TLS_KEY_FILE/,
  );
  expect(() => read({ WEFT_NATS_URL: "nats://a", WEFT_NATS_TLS_KEY_FILE: "x" })).toThrow(
    /WEFT_NATS_TLS_CERT_FILE/,
  );
  expect(() => read({ WEFT_NATS_STREAM_REPLICAS: "9" })).toThrow(/WEFT_NATS_STREAM_REPLICAS/);
});
