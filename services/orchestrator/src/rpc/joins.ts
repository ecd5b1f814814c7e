import { Join as JoinCode } from "@weft/proto/weft/workflow/v1/definition_pb";
import type { Join } from "../core/definition.ts";

export const joinCodes: { readonly [join in Join]: JoinCode } = {
  all: JoinCode.ALL,
  any: JoinCode.ANY,
  done: JoinCode.DONE,
};
