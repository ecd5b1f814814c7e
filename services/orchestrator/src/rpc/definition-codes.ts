import {
  Join as JoinCode,
  Mode as ModeCode,
  OnFailure as OnFailureCode,
} from "@weft/proto/weft/workflow/v1/definition_pb";
import type { Join, Mode, OnFailure } from "../core/definition.ts";

// The words of a definition, as the contract's numbers.

export const modeCodes: Readonly<Record<Mode, ModeCode>> = {
  sequential: ModeCode.SEQUENTIAL,
  parallel: ModeCode.PARALLEL,
  dependency: ModeCode.DEPENDENCY,
};

/** `compensate` is a word of the contract that the check refuses by name. */
export const failureModeCodes: Readonly<Record<OnFailure | "compensate", OnFailureCode>> = {
  fail: OnFailureCode.FAIL,
  continue: OnFailureCode.CONTINUE,
  compensate: OnFailureCode.COMPENSATE,
};

export const joinCodes: Readonly<Record<Join, JoinCode>> = {
  all: JoinCode.ALL,
  any: JoinCode.ANY,
  done: JoinCode.DONE,
};

/** The word for a number; undefined for one that says nothing, or is newer than this release. */
export function wordOf(codes: Readonly<Record<string, number>>, code: number): string | undefined {
  return Object.entries(codes).find(([, known]) => known === code)?.[0];
}
