import { describe, expect, it } from "vitest";
import { ConfigError, ConfigReader, type Environment } from "./config-reader.ts";
import { type Endpoint, readEndpoint } from "./endpoint.ts";

function read(env: Environment): Endpoint | string {
  const reader = new ConfigReader(env);
  const endpoint = readEndpoint(reader, "WEFT_ADDRESS", "127.0.0.1:7401");
  try {
    reader.finish();
    return endpoint;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

const everywhere = { WEFT_ADDRESS: "0.0.0.0:7401" };
const tls = { WEFT_TLS_CERT_FILE: "/cert.pem", WEFT_TLS_KEY_FILE: "/key.pem" };

describe("an endpoint", () => {
  it.each(["127.0.0.1:1", "127.1.2.3:1", "localhost:1", "[::1]:1"])("needs no guard on %s", (address) => {
    expect(read({ WEFT_ADDRESS: address })).toMatchObject({ address });
  });

  it.each([
    ["neither TLS nor a token", everywhere],
    ["a token alone", { ...everywhere, WEFT_TOKEN: "secret" }],
    ["TLS alone", { ...everywhere, ...tls }],
    ["a name that is not loopback", { WEFT_ADDRESS: "registry.example.com:7401" }],
  ])("beyond loopback is refused with %s", (_, env) => {
    expect(read(env)).toMatch(/^WEFT_ADDRESS=".*": expected a loopback address, or .* or WEFT_INSECURE=1$/);
  });

  it("beyond loopback is accepted with TLS and a token", () => {
    expect(read({ ...everywhere, ...tls, WEFT_TOKEN: "secret" })).toEqual({
      address: "0.0.0.0:7401",
      token: "secret",
      tls: { certFile: "/cert.pem", keyFile: "/key.pem", clientCaFile: undefined },
    });
  });

  it("beyond loopback is accepted when it is said to be insecure", () => {
    expect(read({ ...everywhere, WEFT_INSECURE: "1" })).toMatchObject({ address: "0.0.0.0:7401" });
  });

  it("needs both a certificate and its key", () => {
    expect(read({ WEFT_TLS_CERT_FILE: "/cert.pem" })).toContain("WEFT_TLS_KEY_FILE");
    expect(read({ WEFT_TLS_KEY_FILE: "/key.pem" })).toContain("WEFT_TLS_CERT_FILE");
    expect(read({ WEFT_TLS_CLIENT_CA_FILE: "/ca.pem" })).toContain("WEFT_TLS_CERT_FILE");
  });
});
