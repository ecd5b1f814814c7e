import { answerCalls } from "@weft/runtime/worker-calls";
import { type CheckedSource, checkText } from "../app/definition-source.ts";
import { type Json, jsonOf } from "../core/json.ts";
import type { DefinitionLimits } from "../core/limits.ts";
import { parseDocument } from "./definition-document.ts";

// The worker that checks the text of definitions.

/** What a text comes to. The tree is there when nothing but cycles is wrong with it. */
export type CheckedText = Omit<CheckedSource, "planned"> & { readonly tree?: Json };

export type DefinitionCalls = {
  open(limits: DefinitionLimits): void;
  check(text: string): CheckedText;
  close(argument: null): void;
};

answerCalls((limits: DefinitionLimits) => {
  const parse = (text: string) => parseDocument(text, limits.definitionBytesMax);
  return {
    methods: {
      check(text: string): CheckedText {
        const { planned, ...found } = checkText(text, parse, limits);
        return planned ? { ...found, tree: jsonOf(planned.definition.tree) } : found;
      },
      close() {},
    } satisfies Omit<DefinitionCalls, "open">,
  };
});
