import { readFile } from "node:fs/promises";
import type { Environment } from "@weft/runtime/config-reader";
import type { Address, SecretReference } from "../core/receiver-config.ts";

/** A secret's text. */
export type ReadSecret = () => Promise<string>;

/** It can't be had; the message says where it was sought, and never what was found. */
export class SecretMissing extends Error {}

const secretBytesMax = 16 * 1024;

/** Reads secrets where references point to. What surrounds them, such as the line end of a file, is left off. */
export function secretReader(environment: Environment): (reference: SecretReference) => ReadSecret {
  return (reference) => async () => {
    const [where, text] =
      reference.kind === "env"
        ? [`the variable ${reference.name}`, environment[reference.name] ?? ""]
        : [`the file ${reference.path}`, await readSecretFile(reference.path)];
    const secret = text.trim();
    if (secret === "") throw new SecretMissing(`${where} holds no secret`);
    if (secret.length > secretBytesMax) throw new SecretMissing(`${where} holds more than a secret`);
    return secret;
  };
}

/** The text of an address, be it in the open or a secret. */
export function addressReader(environment: Environment): (address: Address) => ReadSecret {
  const secretOf = secretReader(environment);
  return (address) => (address.kind === "plain" ? async () => address.url : secretOf(address));
}

async function readSecretFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new SecretMissing(`the file ${path} can't be read: ${code}`);
  }
}
