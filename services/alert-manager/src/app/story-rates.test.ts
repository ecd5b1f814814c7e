import { describe, expect, it } from "vitest";
import { openMemoryAlertStore } from "../adapters/store-memory.ts";
import { Story } from "./story.fixture.ts";

type Load = { readonly of: number; readonly failed: number; readonly minutes: number };

/** Executions, some of which fail, evenly over a while. */
function run(mesh: Story, load: Load): Promise<void> {
  return spread(mesh, load, async (id, fails) => {
    await mesh.started(id);
    await mesh.ended(id, fails ? "failed" : "succeeded");
  });
}

/** Calls of a capability, some of which fail. */
function call(mesh: Story, load: Load): Promise<void> {
  return spread(mesh, load, async (id, fails) => {
    await mesh.step(`${id}/review`, "started");
    if (fails) await mesh.step(`${id}/review`, "attempt_failed", { code: "UNAVAILABLE" });
    await mesh.step(`${id}/review`, fails ? "failed" : "succeeded");
  });
}

async function spread(
  mesh: Story,
  { of, failed, minutes }: Load,
  happen: (id: string, fails: boolean) => Promise<void>,
): Promise<void> {
  const failuresUpTo = (number: number) => Math.floor((number * failed) / of + 0.5);
  for (let number = 0; number < of; number++) {
    await happen(`e${mesh.clock.monotonic()}-${number}`, failuresUpTo(number + 1) > failuresUpTo(number));
    if ((number + 1) % Math.ceil(of / minutes) === 0) await mesh.pass("1m");
  }
}

function begin(): Promise<Story> {
  return Story.begin({ store: openMemoryAlertStore(), lookEvery: "30s" });
}

const bad = "default: firing critical";

describe.each([
  { by: "workflow", happens: run },
  { by: "capability", happens: call },
])("the error budget of a $by", ({ by, happens }) => {
  it("that burns 14.4 times too fast is told within minutes, and the slower burns are muted", async () => {
    const mesh = await begin();
    await happens(mesh, { of: 200, failed: 40, minutes: 10 });
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([`${bad} ${by}-error-burn-fast`]);
    expect(mesh.alerts().toSorted()).toEqual([
      `${by}-error-burn firing (inhibited)`,
      `${by}-error-burn-fast firing`,
      `${by}-error-burn-slow firing (inhibited)`,
    ]);
    const { summary } = mesh.alert(`${by}-error-burn-fast`);
    expect(summary).toMatch(/^40 of 200 .* failed in an hour \(20 %\): 20\.0 times what 99 % allows$/);
  });

  it("that burns 6 times too fast is told when it has done so for long enough", async () => {
    const mesh = await begin();
    await happens(mesh, { of: 300, failed: 24, minutes: 12 });
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([`${bad} ${by}-error-burn`]);
  });

  it("that burns a little too fast is a warning", async () => {
    const mesh = await begin();
    await happens(mesh, { of: 200, failed: 4, minutes: 12 });
    await mesh.pass("1m");
    expect(mesh.told()).toEqual([`default: firing warning ${by}-error-burn-slow`]);
  });

  it("is nothing to tell while few things happen", async () => {
    const mesh = await begin();
    await happens(mesh, { of: 29, failed: 29, minutes: 10 });
    await mesh.pass("1m");
    expect(mesh.alerts()).toEqual([]);
  });

  it("is nothing to tell while it lasts", async () => {
    const mesh = await begin();
    await happens(mesh, { of: 2_000, failed: 8, minutes: 10 });
    await mesh.pass("1m");
    expect(mesh.alerts()).toEqual([]);
  });

  it("resolves soon after the failures stop, though the long windows still have them", async () => {
    const mesh = await begin();
    await happens(mesh, { of: 200, failed: 200, minutes: 5 });
    await mesh.pass("15m");
    expect(mesh.alerts()).not.toContain(`${by}-error-burn-fast firing`);
    await mesh.pass("8h");
    expect(mesh.told().filter((line) => line.includes("resolved"))).toEqual([
      `default: resolved critical ${by}-error-burn`,
      `default: resolved warning ${by}-error-burn-slow`,
    ]);
    expect(mesh.alerts()).toEqual([]);
  });
});

describe("a retry storm", () => {
  async function storm(mesh: Story, sends: number, again: number) {
    for (let number = 0; number < sends; number++) {
      await mesh.step(`e${number}/review`, "started");
      if (number < again) await mesh.step(`e${number}/review`, "retry_scheduled");
      else await mesh.step(`e${number}/review`, "succeeded");
    }
  }

  it("is told when half of what is sent was sent before, and ends when it ebbs", async () => {
    const mesh = await begin();
    await storm(mesh, 100, 60);
    await mesh.pass("2m");
    expect(mesh.told()).toEqual(["default: firing critical retry-storm"]);
    expect(mesh.alert("retry-storm").summary).toBe(
      "60 sends of code.review for default in five minutes were of a step that had been sent before (60 %)",
    );
    await mesh.pass("12m");
    expect(mesh.told()).toEqual(["default: resolved critical retry-storm"]);
  });

  it("is none when few are sent again", async () => {
    const mesh = await begin();
    await storm(mesh, 200, 60);
    await mesh.pass("5m");
    expect(mesh.alerts()).toEqual([]);
  });
});
