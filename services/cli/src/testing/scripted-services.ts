import { AlertService } from "@weft/proto/weft/alerts/v1/alerts_pb";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code, createServer, type Handlers, implement, RpcError } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { type Authenticator, allowAll, anybody } from "@weft/runtime/principal";

export type OrchestratorHandlers = Handlers<typeof OrchestratorService>;
export type RegistryHandlers = Handlers<typeof RegistryService>;
type AlertHandlers = Handlers<typeof AlertService>;

export type Script = Partial<OrchestratorHandlers> &
  Partial<RegistryHandlers> &
  Partial<AlertHandlers> & {
    /** host:port; default: a free port. */
    readonly address?: string;
    readonly authenticate?: Authenticator;
  };

/**
 * Serves every contract on loopback, over real gRPC, with the answers of a test: the states and failures that
 * a real orchestrator would not show on demand.
 */
export async function serveScript({
  address = "127.0.0.1:0",
  authenticate = anybody({ kind: "developer", name: "local" }),
  ...handlers
}: Script): Promise<{ readonly address: string; readonly stop: () => Promise<void> }> {
  const server = createServer({
    implementations: [
      implement(OrchestratorService, {
        ...unscripted<OrchestratorHandlers>(OrchestratorService.methods),
        ...handlers,
      }),
      implement(RegistryService, { ...unscripted<RegistryHandlers>(RegistryService.methods), ...handlers }),
      implement(AlertService, { ...unscripted<AlertHandlers>(AlertService.methods), ...handlers }),
    ],
    authenticate,
    policy: allowAll,
    logger: silentLogger,
  });
  const port = await server.listen(address);
  let stopping: Promise<void> | undefined;
  return { address: `127.0.0.1:${port}`, stop: () => (stopping ??= server.stop(0)) };
}

function unscripted<H>(methods: readonly { readonly localName: string }[]): H {
  const refuse = (): never => {
    throw new RpcError(Code.UNIMPLEMENTED, "not in this script", { reason: "UNSCRIPTED" });
  };
  return Object.fromEntries(methods.map(({ localName }) => [localName, refuse])) as H;
}
