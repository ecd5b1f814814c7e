import { expectTypeOf, it } from "vitest";
import { capability } from "./capability.ts";
import type { Later } from "./later.ts";
import { type InputOf, type OutputOf, type Schema, unchecked } from "./schema.ts";
import { runCapability } from "./testing/index.ts";

const parsed = unchecked<unknown>() as Schema<string, number>;
const count = capability({ input: parsed, output: parsed, run: (value) => String(value + 1) });

it("gives the handler what the input yields, and asks of it what the output accepts", () => {
  expectTypeOf<Parameters<typeof count.run>[0]>().toEqualTypeOf<number>();
  expectTypeOf<ReturnType<typeof count.run>>().toEqualTypeOf<string | Later | Promise<string | Later>>();
});

it("is called with what the input accepts, and answers with what the output yields", () => {
  expectTypeOf<InputOf<typeof count.input>>().toEqualTypeOf<string>();
  expectTypeOf<OutputOf<typeof count.output>>().toEqualTypeOf<number>();
  type Agent = { name: string; version: string; slots: number; capabilities: { count: typeof count } };
  const run = (agent: Agent) => runCapability(agent, "count", "1");
  expectTypeOf<Awaited<ReturnType<typeof run>>["output"]>().toEqualTypeOf<number>();
});

it("fits any capability of an agent, whatever its types", () => {
  expectTypeOf(count).toExtend<Parameters<typeof runCapability>[0]["capabilities"][string]>();
});
