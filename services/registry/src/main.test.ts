import { spawn } from "node:child_process";
import { once } from "node:events";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { createChannel } from "@weft/runtime/grpc";
import { describe, expect, it } from "vitest";
import { createRegistry } from "./service.ts";

/** The registry's process; `saw` waits for a text on standard error, `over` for its end. */
function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const closed = once(child, "close");
  return {
    child,
    saw: async (text: RegExp) => {
      while (!text.test(output)) await once(child.stderr, "data");
      return text.exec(output);
    },
    over: async () => {
      const [code] = await closed;
      return { code: code as number | null, output };
    },
  };
}

describe("the registry's process", () => {
  it("serves until SIGTERM", async () => {
    const { child, saw, over } = run({ WEFT_REGISTRY_ADDRESS: "127.0.0.1:0" });
    const [, port] = (await saw(/"port":(\d+)/)) ?? [];
    const channel = createChannel({ address: `127.0.0.1:${port}` });
    expect((await channel.client(RegistryService).listAgents({})).agents).toEqual([]);
    channel.close();
    child.kill("SIGTERM");
    expect((await over()).code).toBe(0);
  });

  it("tells in one line each what is wrong with its configuration", async () => {
    const { code, output } = await run({ WEFT_REGISTRY_LEASE: "soon", WEFT_LOG_LEVEL: "all" }).over();
    expect(code).toBe(1);
    expect(output.trim().split("\n")).toEqual([
      'registry: cannot start: WEFT_REGISTRY_LEASE="soon": expected a duration such as 10s, from 1s to 10m',
      'registry: cannot start: WEFT_LOG_LEVEL="all": expected one of debug, info, warn, error',
    ]);
  });

  it("tells in one line that its address is taken", async () => {
    const other = createRegistry({ address: "127.0.0.1:0", leaseMs: 10_000 });
    const { port } = await other.start();
    const { code, output } = await run({ WEFT_REGISTRY_ADDRESS: `127.0.0.1:${port}` }).over();
    await other.stop();
    expect(code).toBe(1);
    expect(output).toMatch(
      /^registry: cannot start: can't listen on 127.0.0.1:\d+: listen EADDRINUSE: .*\n$/,
    );
  });
});
