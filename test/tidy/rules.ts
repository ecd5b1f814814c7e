import type { Rule } from "./rule.ts";
import { declaredDependencies } from "./rules/declared-dependencies.ts";
import { entryFiles } from "./rules/entry-files.ts";
import { environment } from "./rules/environment.ts";
import { layers } from "./rules/layers.ts";
import { names } from "./rules/names.ts";
import { oneImporter } from "./rules/one-importer.ts";
import { packageBorders } from "./rules/package-borders.ts";
import { packageDoors } from "./rules/package-doors.ts";
import { purity } from "./rules/purity.ts";
import { sizes } from "./rules/sizes.ts";
import { testDiscipline } from "./rules/test-discipline.ts";

/**
 * The rules that depend on where a file stands. What holds for any file anywhere is oxlint's
 * (.oxlintrc.json): import cycles, default exports, comments that put work off.
 */
export const rules: readonly Rule[] = [
  layers,
  purity,
  environment,
  packageBorders,
  packageDoors,
  declaredDependencies,
  oneImporter,
  entryFiles,
  sizes,
  names,
  testDiscipline,
];
