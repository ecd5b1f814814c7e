import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  DefinitionSourceSchema,
  Join,
  Mode,
  OnFailure,
  type WorkflowDefinition,
  WorkflowDefinitionSchema,
} from "@weft/proto/weft/workflow/v1/definition_pb";
import { describe, expect, it } from "vitest";
import { checkDefinition } from "../core/check-definition.ts";
import { definitionMessage, planMessage, sourceOf } from "./definitions.ts";

const value = (json: JsonValue): Value => fromJson(ValueSchema, json);

/** With everything that a definition can say. */
const whole = {
  workflow: "release",
  version: 2,
  mode: "dependency",
  timeout: "1h",
  onFailure: "continue",
  vars: { area: "${input.area}" },
  steps: [
    {
      id: "build",
      capability: "code.build",
      with: { area: "${vars.area}" },
      vars: { extra: 1 },
      atMostOnce: true,
      timeout: "1m30s",
      queueTimeout: "10s",
      heartbeatTimeout: "5s",
    },
    { id: "lint", capability: "code.lint", optional: true, when: "${input.lint}" },
    { id: "tell", capability: "chat.tell", dependsOn: ["build", "lint"], join: "done" },
  ],
  output: "${steps.build.output}",
  labels: { team: "docs" },
} as const;

function messageOf(tree: unknown): WorkflowDefinition {
  return definitionMessage(checked(tree).definition);
}

function checked(tree: unknown) {
  const check = checkDefinition(tree);
  if (check.status !== "valid") throw new Error(JSON.stringify(check));
  return check;
}

function treeOf(definition: WorkflowDefinition): unknown {
  const source = sourceOf(
    create(DefinitionSourceSchema, { source: { case: "definition", value: definition } }),
  );
  return source.kind === "tree" ? source.tree : undefined;
}

describe("a definition as a message", () => {
  it("is the tree that it would be in YAML", () => {
    const definition = create(WorkflowDefinitionSchema, {
      name: "release",
      version: 2,
      mode: Mode.DEPENDENCY,
      timeout: { seconds: 3_600n },
      onFailure: OnFailure.CONTINUE,
      vars: value(whole.vars),
      steps: [
        {
          id: "build",
          capability: "code.build",
          with: value({ area: "${vars.area}" }),
          vars: value({ extra: 1 }),
          atMostOnce: true,
          timeout: { seconds: 90n },
          queueTimeout: { seconds: 10n },
          heartbeatTimeout: { seconds: 5n },
        },
        { id: "lint", capability: "code.lint", optional: true, when: "${input.lint}" },
        { id: "tell", capability: "chat.tell", dependsOn: ["build", "lint"], join: Join.DONE },
      ],
      output: value(whole.output),
      labels: whole.labels,
    });
    expect(treeOf(definition)).toEqual(whole);
  });

  it("leaves out what it does not say, and keeps a null that it does", () => {
    const step = { id: "a", capability: "c", with: value(null) };
    expect(treeOf(create(WorkflowDefinitionSchema, { name: "w", version: 1, steps: [step] }))).toEqual({
      workflow: "w",
      version: 1,
      steps: [{ id: "a", capability: "c", with: null }],
    });
  });

  it("says compensate, so that the check can refuse it by name", () => {
    const definition = create(WorkflowDefinitionSchema, { onFailure: OnFailure.COMPENSATE });
    expect(treeOf(definition)).toMatchObject({ onFailure: "compensate" });
  });
});

describe("a definition that is shown", () => {
  it("means the same when it is registered again", () => {
    const shown = messageOf(whole);
    const again = messageOf(treeOf(shown));
    expect(again).toEqual(shown);
    expect(shown).toMatchObject({
      onFailure: OnFailure.CONTINUE,
      vars: value(whole.vars),
      steps: [
        { join: Join.ALL, atMostOnce: true, queueTimeout: { seconds: 10n }, vars: value({ extra: 1 }) },
        { optional: true, when: "${input.lint}" },
        { join: Join.DONE },
      ],
    });
  });

  it("has no join where nothing is joined", () => {
    const steps = [{ id: "a", capability: "c" }];
    for (const mode of ["sequential", "parallel"]) {
      const shown = messageOf({ workflow: "w", version: 1, mode, steps });
      expect(shown.steps[0]).toMatchObject({ join: Join.UNSPECIFIED });
      expect(messageOf(treeOf(shown))).toEqual(shown);
    }
  });
});

it("shows in a plan what decides whether a step runs", () => {
  const { definition, plan } = checked(whole);
  expect(planMessage(definition, plan).steps).toMatchObject([
    { stepId: "build", dependencies: [], join: Join.UNSPECIFIED, when: "", optional: false },
    { stepId: "lint", when: "${input.lint}", optional: true },
    { stepId: "tell", dependencies: ["build", "lint"], join: Join.DONE },
  ]);
});
