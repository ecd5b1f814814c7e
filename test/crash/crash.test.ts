import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clients, type Ended, outputOf } from "./clients.ts";
import { type CrashPoint, crashPoints, recoveryPoints } from "./points.ts";
import { CrashWorld } from "./world.ts";

const world = new CrashWorld();

beforeAll(() => world.open());
afterAll(() => world.close());

/** Dies at each of the points, one life after another, while clients work; the last life brings it to an end. */
async function surviving(run: string, points: readonly CrashPoint[]): Promise<Ended> {
  const clients = new Clients(world.client, world.folder, run);
  let life = world.live(run, points[0]);
  try {
    const working = clients.work();
    for (const [index, { name }] of points.entries()) {
      const how = await Promise.race([life.ended, working.then(() => "it did not die")]);
      expect([how, world.lastWords], life.output()).toEqual(["SIGKILL", name]);
      life = world.live(run, points[index + 1]);
    }
    const ended = await working;
    const ids = Object.values(ended).map(({ executionId }) => executionId);
    expect([...clients.acknowledged.values()].sort()).toEqual(ids.sort());
    await expectSoundLog(ended);
    return ended;
  } finally {
    await life.end();
  }
}

/** Whatever was lost and sent again: each fact is there once, in its place. */
async function expectSoundLog(ended: Ended): Promise<void> {
  const positions: number[] = [];
  const effects = new Set(world.effects);
  for (const { executionId, steps } of Object.values(ended)) {
    const { events } = await world.client.listEvents({ executionId, pageSize: 1_000 });
    positions.push(...events.map(({ position }) => Number(position)));
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_, index) => index + 1));
    const kinds = events.map(({ event }) => event.case);
    expect(kinds.filter((kind) => terminal.has(kind ?? ""))).toHaveLength(1);
    const succeeded = events.flatMap(({ event }) =>
      event.case === "stepSucceeded" ? [event.value.stepId] : [],
    );
    expect(new Set(succeeded).size).toBe(succeeded.length);
    const sends = events.flatMap(({ event }) =>
      event.case === "stepStarted"
        ? [`${event.value.stepId}/${event.value.attempt}/${event.value.send}`]
        : [],
    );
    expect(new Set(sends).size).toBe(sends.length);
    const byHandlers = succeeded.filter((step) => step !== "ask");
    expect(byHandlers.filter((step) => !effects.has(`${executionId}/${step}`))).toEqual([]);
    expect(steps.length).toBeGreaterThan(0);
  }
  expect(positions.sort((a, b) => a - b)).toEqual(positions.map((_, index) => index + 1));
}

const terminal: ReadonlySet<string> = new Set([
  "executionSucceeded",
  "executionFailed",
  "executionCancelled",
]);

function expectRight({ one, two, three, retried, completed, cancelled, resumed, asleep }: Ended): void {
  expect([one, two, three].map((execution) => execution && outputOf(execution))).toEqual([25, 36, 47]);
  expect(retried && outputOf(retried)).toBe("at last");
  expect(completed && outputOf(completed)).toBe("by hand");
  expect(resumed && outputOf(resumed)).toBe("through");
  expect([cancelled?.status, asleep?.status]).toEqual([ExecutionStatus.CANCELLED, ExecutionStatus.CANCELLED]);
}

describe("kill -9, when", () => {
  it.each(crashPoints.map((point) => [point.when, point] as const))("%s", async (_when, point) => {
    expectRight(await surviving(point.name.replaceAll(" ", "-"), [point]));
  });

  it.each(recoveryPoints.map((point) => [point.when, point] as const))(
    "a completion is durable, and again when %s",
    async (_when, point) => {
      const first = crashPoints.find(({ name }) => name === "completion durable")!;
      expectRight(await surviving(point.name, [first, point]));
    },
  );
});
