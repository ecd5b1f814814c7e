import { Health, HealthCheckResponse_ServingStatus as Status } from "@weft/proto/grpc/health/v1/health_pb";
import { Code, createChannel, type RpcError } from "@weft/runtime/grpc";
import type { HealthProbe } from "../app/health-probe.ts";

const problemLengthMax = 200;

/**
 * Asks `grpc.health.v1` on a connection of its own to each agent. An agent that does not serve it has
 * answered all the same, and so counts as serving.
 */
export const grpcHealthProbe: HealthProbe = {
  open(address) {
    const channel = createChannel({ address, exclusive: true });
    const health = channel.client(Health);
    return {
      check(timeoutMs, answered) {
        health.check({}, { timeoutMs }).then(
          ({ status }) =>
            answered(
              status === Status.SERVING ? undefined : `it says that it does not serve (status ${status})`,
            ),
          (error: RpcError) => answered(problemOf(error)),
        );
      },
      close: () => channel.close(),
    };
  },
};

function problemOf({ code, message }: RpcError): string | undefined {
  return code === Code.UNIMPLEMENTED ? undefined : message.slice(0, problemLengthMax);
}
