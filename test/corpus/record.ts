import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordTale } from "../../services/orchestrator/src/core/corpus.fixture.ts";
import { corpus, manifest, manifestLine, textOf } from "./kept-logs.ts";
import { tales } from "./tales.ts";

// Run by hand, once for each release: node test/corpus/record.ts

const { version } = JSON.parse(readFileSync(join(corpus, "../../package.json"), "utf8")) as {
  version: string;
};

mkdirSync(join(corpus, version), { recursive: true });
for (const [name, tale] of Object.entries(tales)) {
  const file = `${version}/${name}.jsonl`;
  if (existsSync(join(corpus, file))) {
    console.info(`${file} is kept as it is: a log of a release never changes`);
    continue;
  }
  writeFileSync(join(corpus, file), textOf(recordTale(name, tale)));
  appendFileSync(manifest, manifestLine(file));
}
