import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@weft/runtime/clock";
import { publication } from "@weft/runtime/event-bus.contract";
import type { Logger } from "@weft/runtime/logger";
import { NatsPublisher } from "@weft/runtime/nats";
import { type NatsConnectionConfig, streamLimitDefaults } from "@weft/runtime/nats-config";
import { expect, onTestFinished, test } from "vitest";
import { testCertificate } from "../../services/alert-manager/src/adapters/test-certificate.fixture.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { credentials, operatorSettings } from "../harness/nats-credentials.ts";
import { natsServer } from "../harness/nats-server.ts";

const waiting = { timeout: 20_000, interval: 5 };
const limits = { ...streamLimitDefaults, maxBytes: 64 * 1024 ** 2 };

/** A server that asks for more than its address, and what a client logs that speaks to it. */
async function opened(settings: (folder: string) => string) {
  const folder = temporaryFolder();
  const server = await natsServer(folder, settings(folder));
  await server.start();
  onTestFinished(() => server.kill());
  const logged: string[] = [];
  const note = (fields: object, message: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const publisher = (config: Omit<NatsConnectionConfig, "name">): NatsPublisher => {
    const ports = { clock: systemClock, logger, random: Math.random };
    const opening = new NatsPublisher({ ...config, name: "test" }, limits, ports);
    onTestFinished(() => opening.close());
    return opening;
  };
  return { folder, server, logged, publisher };
}

test("NATS is spoken to over TLS, and only where its certificate is trusted", async () => {
  const { folder, server, logged, publisher } = await opened((at) => {
    writeFileSync(join(at, "cert.pem"), testCertificate.cert);
    writeFileSync(join(at, "key.pem"), testCertificate.key);
    return `tls { cert_file: "${join(at, "cert.pem")}", key_file: "${join(at, "key.pem")}" }`;
  });
  const servers = [server.url.replace("nats:", "tls:")];
  const trusting = publisher({ servers, tls: { caFile: join(folder, "cert.pem") } });
  await expect.poll(() => trusting.publish(publication(1)), waiting).toEqual({ kind: "taken" });
  const wary = publisher({ servers });
  await expect
    .poll(() => logged.join("\n"), waiting)
    .toMatch(/NATS does not answer.*self-signed certificate/);
  expect(wary.isConnected).toBe(false);
});

test("NATS knows its users by their credentials, which nobody is shown", async () => {
  const { folder, server, logged, publisher } = await opened(() => operatorSettings);
  const credentialsFile = join(folder, "weft.creds");
  const servers = [server.url];
  const early = publisher({ servers, credentialsFile });
  await expect.poll(() => logged.join("\n"), waiting).toMatch(/NATS does not answer.*ENOENT/);
  const stranger = publisher({ servers });
  await expect.poll(() => logged.join("\n"), waiting).toMatch(/NATS does not answer.*[Aa]uthorization/);
  expect(stranger.isConnected).toBe(false);
  // A file that comes later is found: it is read anew at every connect.
  writeFileSync(credentialsFile, credentials);
  await expect.poll(() => early.publish(publication(1)), waiting).toEqual({ kind: "taken" });
  for (const secret of credentials.split("\n").filter((line) => /^[A-Za-z0-9._-]{40,}$/.test(line)))
    expect(logged.join("\n")).not.toContain(secret);
});
