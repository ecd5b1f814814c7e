import { describe, expect, it } from "vitest";
import { checkDefinition } from "./check-definition.ts";
import { variablesIn } from "./check-variables.ts";

describe("variablesIn", () => {
  it.each([
    ["vars.a", ["a"]],
    ["vars.a.b[0]", ["a"]],
    ["vars[\"odd key\"] + vars['other']", ["odd key", "other"]],
    ["vars . a == vars.b", ["a", "b"]],
    ["size(vars)", [undefined]],
    ["vars[input.key]", [undefined]],
    ["input.vars.a", []],
    ["myvars.a + vars2.a", []],
    ['"vars.a" + \'vars.b\' + """vars."c" """', []],
    ['"\\"vars.a" + vars.b', ["b"]],
    ["vars.a // vars.b", ["a"]],
    ["steps.vars.output", []],
  ])("reads %s", (source, names) => {
    expect(variablesIn(source)).toEqual(names);
  });
});

function problemsOf(workflow: object, step: object): readonly (readonly [string, string])[] {
  const steps = [{ id: "a", capability: "x", ...step }];
  const checked = checkDefinition({ workflow: "w", version: 1, ...workflow, steps });
  return checked.status === "valid" ? [] : checked.problems.map(({ field, message }) => [field, message]);
}

describe("a variable", () => {
  it.each([
    ["of the workflow", { vars: { region: "eu" } }, {}],
    ["of the step", {}, { vars: { region: "eu" } }],
    ["of the one or the other", { vars: { zone: 1 } }, { vars: { region: "eu" } }],
    ["that an expression may give the workflow", { vars: "${input.settings}" }, {}],
    ["that an expression may give the step", { vars: {} }, { vars: "${input.settings}" }],
  ])("can be read: one %s", (_, workflow, step) => {
    expect(problemsOf(workflow, { ...step, with: "${vars.region}", when: "${vars.region}" })).toEqual([]);
  });

  it("that nobody defines is a problem wherever it is read, with the nearest name", () => {
    const workflow = { vars: { region: "eu" }, output: { a: "${vars.regoin}" } };
    const step = {
      with: { b: "${vars.regoin}", c: "${vars}" },
      when: "${vars.zone}",
      vars: { d: "${vars.d}" },
    };
    expect(problemsOf(workflow, step)).toEqual([
      ["steps[0].vars.d", 'vars has no "d"'],
      ["steps[0].with.b", 'vars has no "regoin"; did you mean "region"?'],
      ["steps[0].when", 'vars has no "zone"'],
      ["output.a", 'vars has no "regoin"; did you mean "region"?'],
    ]);
  });

  it("of a step is seen by its other templates, and by no other step and not by the output", () => {
    const steps = [
      { id: "a", capability: "x", vars: { own: 1 }, with: "${vars.own}" },
      { id: "b", capability: "x", with: "${vars.own}" },
    ];
    const checked = checkDefinition({ workflow: "w", version: 1, steps, output: "${vars.own}" });
    expect(checked).toMatchObject({
      status: "invalid",
      problems: [{ field: "steps[1].with" }, { field: "output" }],
    });
  });

  it("of the workflow reads the input and the execution's id, and no step and no other variable", () => {
    expect(problemsOf({ vars: { a: "${input.a}", b: "${execution.id}" } }, {})).toEqual([]);
    expect(problemsOf({ vars: { a: "${steps.a.output}", b: "x ${vars.a}" } }, {})).toEqual([
      ["vars.b", "vars cannot be read by the workflow's own vars"],
      ["vars.a", "the workflow's vars are rendered before any step: they cannot read one"],
    ]);
    expect(problemsOf({ vars: 5 }, {})).toEqual([
      ["vars", "must be an object or one whole ${…}, is a number"],
    ]);
  });
});
