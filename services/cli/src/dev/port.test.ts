import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { loopback, mustBeFree } from "./port.ts";

const choice = { service: "orchestrator", origin: "kept in .weft/dev.json", option: "--port" } as const;

it("refuses a port that another program has, and says what to do", async () => {
  const other = createServer().listen(0, loopback);
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await expect(mustBeFree({ ...choice, port })).rejects.toMatchObject({
    message: `the orchestrator's port ${port} (kept in .weft/dev.json) is taken by another program`,
    hints: [expect.stringContaining(`127.0.0.1:${port}`), expect.stringContaining("weft dev --port N")],
  });
  other.close();
  await once(other, "close");
  await expect(mustBeFree({ ...choice, port })).resolves.toBeUndefined();
});

it("has nothing against any port that is free", async () => {
  await expect(mustBeFree({ ...choice, port: 0 })).resolves.toBeUndefined();
});
