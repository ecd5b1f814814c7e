import { join } from "node:path";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { type Client, createChannel } from "@weft/runtime/grpc";
import { onTestFinished } from "vitest";
import { freePort } from "./free-port.ts";
import { startProcess, type TestProcess } from "./process.ts";
import { until } from "./until.ts";

/** A service that can be started again and again at the same address, each time in a process of its own. */
export type RestartableService<Calls> = {
  readonly address: string;
  readonly client: Calls;
  /** Resolves when it answers. */
  start(): Promise<TestProcess>;
};

type Environment = Readonly<Record<string, string>>;

type OrchestratorChoice = { readonly name?: string; readonly token?: string; readonly env?: Environment };

export const testToken = "mesh-test-token";

export async function registryService(
  more: Environment = {},
): Promise<RestartableService<Client<typeof RegistryService>>> {
  const address = await freeAddress();
  const client = connect(address).client(RegistryService);
  const env = { WEFT_REGISTRY_ADDRESS: address, WEFT_TOKEN: testToken, ...more };
  const start = () => startService("services/registry/src/main.ts", env, () => client.listAgents({}));
  return { address, client, start };
}

/** One with a log of its own in `folder`; orchestrators with logs of their own are clusters of their own. */
export async function orchestratorService(
  folder: string,
  registry: string,
  { name = "one", token = testToken, env: more = {} }: OrchestratorChoice = {},
): Promise<RestartableService<Client<typeof OrchestratorService>>> {
  const address = await freeAddress();
  const client = connect(address, token).client(OrchestratorService);
  const env = {
    WEFT_ORCHESTRATOR_ADDRESS: address,
    WEFT_REGISTRY: registry,
    WEFT_TOKEN: token,
    WEFT_CLUSTER: name,
    WEFT_ORCHESTRATOR_ID: name,
    WEFT_DATA: join(folder, name),
    ...more,
  };
  const start = () => startService("services/orchestrator/src/main.ts", env, () => client.listWorkflows({}));
  return { address, client, start };
}

async function freeAddress(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}

function connect(address: string, token = testToken) {
  const channel = createChannel({ address, token });
  onTestFinished(() => channel.close());
  return channel;
}

async function startService(
  file: string,
  env: Environment,
  ask: () => Promise<unknown>,
): Promise<TestProcess> {
  const process = startProcess(file, [], { env });
  onTestFinished(() => process.end());
  await until(
    () => `${file} to serve; it said: ${process.output()}`,
    () =>
      ask().then(
        () => true,
        () => false,
      ),
  );
  return process;
}
