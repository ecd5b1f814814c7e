/** What a file is for. */
export const fileKinds = ["code", "test", "docs", "config", "data", "generated", "asset", "other"] as const;
export type FileKind = (typeof fileKinds)[number];

/** What the name of a file says of it. */
export interface NamedAs {
  /** Null for what is not text in a language. */
  readonly language: string | null;
  readonly kind: FileKind;
}

const codeLanguages: Readonly<Record<string, string>> = {
  Assembly: "s asm",
  Astro: "astro",
  C: "c h",
  "C#": "cs csx",
  "C++": "cc cpp cxx hh hpp hxx ipp",
  Clojure: "clj cljs cljc edn",
  CSS: "css",
  Dart: "dart",
  Elixir: "ex exs",
  Elm: "elm",
  Erlang: "erl hrl",
  "F#": "fs fsi fsx",
  Fortran: "f f90 f95",
  Go: "go",
  GraphQL: "graphql gql",
  Groovy: "groovy gradle",
  Haskell: "hs lhs",
  HTML: "html htm xhtml",
  Java: "java",
  JavaScript: "js mjs cjs jsx",
  Julia: "jl",
  Kotlin: "kt kts",
  Less: "less",
  Lua: "lua",
  MATLAB: "mlx",
  Nim: "nim",
  Nix: "nix",
  "Objective-C": "m mm",
  OCaml: "ml mli",
  Perl: "pl pm",
  PHP: "php",
  PowerShell: "ps1 psm1 psd1",
  "Protocol Buffers": "proto",
  Python: "py pyi pyx",
  R: "r",
  Ruby: "rb rake gemspec",
  Rust: "rs",
  Sass: "scss sass",
  Scala: "scala sc",
  Shell: "sh bash zsh fish ksh",
  Solidity: "sol",
  SQL: "sql",
  Svelte: "svelte",
  Swift: "swift",
  Tcl: "tcl",
  TypeScript: "ts mts cts tsx",
  "Visual Basic": "vb vbs",
  Vue: "vue",
  WebAssembly: "wat",
  Zig: "zig",
};

const docsLanguages: Readonly<Record<string, string>> = {
  AsciiDoc: "adoc asciidoc",
  LaTeX: "tex bib",
  Markdown: "md markdown mdx mkd",
  "Org mode": "org",
  reStructuredText: "rst",
  Text: "txt text",
};

const configLanguages: Readonly<Record<string, string>> = {
  CMake: "cmake",
  HCL: "tf tfvars hcl",
  INI: "ini cfg conf properties editorconfig",
  TOML: "toml",
  YAML: "yaml yml",
};

const dataLanguages: Readonly<Record<string, string>> = {
  CSV: "csv tsv",
  "Jupyter Notebook": "ipynb",
  JSON: "json jsonl ndjson geojson json5 jsonc",
  XML: "xml xsd xsl plist",
};

const plainExtensions: readonly (readonly [FileKind, string])[] = [
  ["asset", "png jpg jpeg gif webp avif bmp ico icns tif tiff svg psd ai fig sketch heic"],
  ["asset", "woff woff2 ttf otf eot mp3 ogg wav flac m4a mp4 webm mov avi pdf"],
  ["asset", "zip gz tgz bz2 xz zst tar 7z rar jar whl docx xlsx pptx odt ods"],
  ["data", "sqlite sqlite3 db parquet avro arrow npy npz pb bin binpb dat pkl h5 snap"],
  ["generated", "map lock tsbuildinfo pyc o so dll dylib class wasm"],
  ["config", "env"],
];

/** By extension, without its dot, in lower case. */
export const extensions: ReadonlyMap<string, NamedAs> = new Map([
  ...named("code", codeLanguages),
  ...named("docs", docsLanguages),
  ...named("config", configLanguages),
  ...named("data", dataLanguages),
  ...plainExtensions.flatMap(([kind, list]) => entries(list, { language: null, kind })),
]);

/** By the whole name, in lower case: names that say more than their extension. */
export const fileNames: ReadonlyMap<string, NamedAs> = new Map([
  ...entries("dockerfile containerfile", { language: "Dockerfile", kind: "config" }),
  ...entries("makefile gnumakefile justfile", { language: "Makefile", kind: "config" }),
  ...entries("cmakelists.txt", { language: "CMake", kind: "config" }),
  ...entries("package.json deno.json deno.jsonc composer.json biome.json renovate.json nx.json turbo.json", {
    language: "JSON",
    kind: "config",
  }),
  ...entries("requirements.txt constraints.txt", { language: "Text", kind: "config" }),
  ...entries("go.mod", { language: "Go module", kind: "config" }),
  ...entries("codeowners procfile", { language: null, kind: "config" }),
  ...entries("rakefile gemfile vagrantfile", { language: "Ruby", kind: "code" }),
  ...entries("jenkinsfile", { language: "Groovy", kind: "config" }),
  ...entries("license licence copying unlicense notice authors contributors changelog readme", {
    language: "Text",
    kind: "docs",
  }),
  ...entries("package-lock.json npm-shrinkwrap.json composer.lock", { language: "JSON", kind: "generated" }),
  ...entries("pnpm-lock.yaml", { language: "YAML", kind: "generated" }),
  ...entries("go.sum yarn.lock cargo.lock poetry.lock gemfile.lock uv.lock flake.lock bun.lock", {
    language: null,
    kind: "generated",
  }),
]);

/** By the program that a `#!` line names. */
export const interpreters: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Shell: "sh bash zsh dash ksh fish",
    Python: "python python2 python3",
    JavaScript: "node bun",
    TypeScript: "deno tsx ts-node",
    Ruby: "ruby",
    Perl: "perl",
    PHP: "php",
    Lua: "lua",
    Tcl: "tclsh",
  }).flatMap(([language, list]) => list.split(" ").map((program) => [program, language])),
);

function named(kind: FileKind, languages: Readonly<Record<string, string>>): [string, NamedAs][] {
  return Object.entries(languages).flatMap(([language, list]) => entries(list, { language, kind }));
}

function entries(list: string, as: NamedAs): [string, NamedAs][] {
  return list.split(" ").map((each) => [each, as]);
}
