import { readFile } from "node:fs/promises";
import { type ConfigReader, parseAddress } from "./config-reader.ts";
import { type Authenticator, anybody, sharedToken } from "./principal.ts";

/** Where a service listens, and what it asks of callers. */
export type Endpoint = {
  /** host:port; port 0 lets the system choose. */
  readonly address: string;
  /** Required of every caller as a bearer token. Unset: everybody is the local developer. */
  readonly token?: string | undefined;
  /** PEM files. Unset: plain text. */
  readonly tls?: TlsFiles | undefined;
};

export type TlsFiles = {
  readonly certFile: string;
  readonly keyFile: string;
  /** Set: callers must show a certificate that it signed. */
  readonly clientCaFile?: string | undefined;
};

type Security = {
  readonly authenticate: Authenticator;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer; readonly clientCa?: Buffer };
};

/** Reads an endpoint. Beyond loopback it must have TLS and a token, unless WEFT_INSECURE=1 says otherwise. */
export function readEndpoint(read: ConfigReader, addressName: string, fallback: string): Endpoint {
  const address = read.address(addressName, fallback);
  const token = read.secret("WEFT_TOKEN");
  const tls = readTls(read);
  const insecure = read.boolean("WEFT_INSECURE", false);
  if (!insecure && !isLoopback(address) && !(token && tls))
    read.note(
      addressName,
      JSON.stringify(address),
      "a loopback address, or WEFT_TLS_CERT_FILE, WEFT_TLS_KEY_FILE and WEFT_TOKEN set, or WEFT_INSECURE=1",
    );
  return { address, token, tls };
}

/** What a server needs to guard this endpoint. Rejects when a TLS file can't be read. */
export async function endpointSecurity({ token, tls }: Endpoint): Promise<Security> {
  const authenticate = token
    ? sharedToken(token, { kind: "service", name: "shared-token" })
    : anybody({ kind: "developer", name: "local" });
  if (!tls) return { authenticate };
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
  if (!tls.clientCaFile) return { authenticate, tls: { cert, key } };
  return { authenticate, tls: { cert, key, clientCa: await readFile(tls.clientCaFile) } };
}

function readTls(read: ConfigReader): TlsFiles | undefined {
  const certFile = read.text("WEFT_TLS_CERT_FILE");
  const keyFile = read.text("WEFT_TLS_KEY_FILE");
  const clientCaFile = read.text("WEFT_TLS_CLIENT_CA_FILE");
  if (certFile && keyFile) return { certFile, keyFile, clientCaFile };
  if (certFile) read.note("WEFT_TLS_KEY_FILE", '""', "the key of WEFT_TLS_CERT_FILE");
  if (keyFile) read.note("WEFT_TLS_CERT_FILE", '""', "the certificate of WEFT_TLS_KEY_FILE");
  if (clientCaFile && !certFile && !keyFile)
    read.note("WEFT_TLS_CERT_FILE", '""', "set, since WEFT_TLS_CLIENT_CA_FILE is");
  return undefined;
}

function isLoopback(address: string): boolean {
  const host = parseAddress(address)?.host ?? "";
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
