import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlertService } from "@weft/proto/weft/alerts/v1/alerts_pb";
import { createChannel } from "@weft/runtime/grpc";
import { describe, expect, it, onTestFinished } from "vitest";

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-alert-manager-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The process; `saw` waits for a text on standard error, `over` for its end. */
function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: {
      WEFT_ALERTS_ADDRESS: "127.0.0.1:0",
      WEFT_ORCHESTRATOR: "127.0.0.1:1",
      WEFT_REGISTRY: "127.0.0.1:1",
      ...env,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
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

describe("the alert manager's process", () => {
  it("serves until SIGTERM, and reads its rules anew at SIGHUP", async () => {
    const folder = folderOf();
    const rules = join(folder, "alerts.yaml");
    writeFileSync(rules, "receivers: [{ name: ops, kind: log }]");
    const { child, saw, over } = run({ WEFT_DATA: folder, WEFT_ALERT_RULES: rules });
    const [, port] = (await saw(/"port":(\d+)/)) ?? [];
    const channel = createChannel({ address: `127.0.0.1:${port}` });
    onTestFinished(() => channel.close());
    const { listRules } = channel.client(AlertService);
    expect((await listRules({})).receivers.map(({ name }) => name)).toEqual(["ops", "default"]);
    writeFileSync(rules, "rules: [{ name: step-stuck, severity: loud }]");
    child.kill("SIGHUP");
    await saw(/those before stay in force/);
    const { receivers, refused } = await listRules({});
    expect(receivers.map(({ name }) => name)).toEqual(["ops", "default"]);
    expect(refused?.problems).toMatchObject([{ field: "rules[0].severity", line: 1 }]);
    writeFileSync(rules, "receivers: [{ name: team, kind: log }]");
    child.kill("SIGHUP");
    await saw(/rules reloaded/);
    expect((await listRules({})).receivers.map(({ name }) => name)).toEqual(["team", "default"]);
    child.kill("SIGTERM");
    expect((await over()).code).toBe(0);
  });

  it("does not start with bad rules, and says where each mistake is", async () => {
    const folder = folderOf();
    const rules = join(folder, "alerts.yaml");
    writeFileSync(
      rules,
      "receivers:\n  - { name: chat, kind: slack, url: nowhere }\nescalations:\n  - { name: page, stages: [{ receivers: [nobody] }] }\n",
    );
    const { code, output } = await run({ WEFT_DATA: folder, WEFT_ALERT_RULES: rules }).over();
    expect(code).toBe(1);
    expect(output).toContain(
      `alert-manager: cannot start: ${rules}, line 2: receivers[0].url must be an http or https URL`,
    );
  });
});
