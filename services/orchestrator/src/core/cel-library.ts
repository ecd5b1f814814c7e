/** The one door to the libraries that read and evaluate CEL: whatever replaces them replaces them here. */

export type { CelInput, CelList, CelMap, CelResult, CelValue } from "@bufbuild/cel";
export {
  celEnv,
  celError,
  celList,
  celMap,
  celType,
  isCelError,
  isCelList,
  isCelMap,
  isCelUint,
  parse,
  plan,
} from "@bufbuild/cel";
export type {
  Constant,
  Expr,
  Expr_Call,
  Expr_Comprehension,
  Expr_CreateStruct,
} from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
export { isMessage, type Message, toJson } from "@bufbuild/protobuf";
export { isReflectMessage } from "@bufbuild/protobuf/reflect";
export { DurationSchema, TimestampSchema, timestampDate } from "@bufbuild/protobuf/wkt";
export { RE2JS } from "@bufbuild/re2";
