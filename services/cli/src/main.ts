#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// What was compiled once is kept: it halves the start of a command. So nothing is imported before this line.
enableCompileCache();
const { runProcess } = await import("./run-process.ts");
await runProcess();
