import { type Authenticator, anybody, type Principal, sharedToken } from "@weft/runtime/grpc";

const orchestrator: Principal = { kind: "service", name: "orchestrator" };

/** Asks callers for the token that is in force now: `weft dev` may have been started anew with another. */
export function authenticator(tokenInForce: () => string | undefined): Authenticator {
  let token: string | undefined;
  let authenticate: Authenticator = anybody(orchestrator);
  return (given) => {
    const current = tokenInForce();
    if (current !== token) {
      token = current;
      authenticate = current === undefined ? anybody(orchestrator) : sharedToken(current, orchestrator);
    }
    return authenticate(given);
  };
}
