import { readFile } from "node:fs/promises";
import { z } from "zod";
import { writeWhole } from "./write-whole.ts";

/** What one step left for another, or why it can't be used. */
export type DocumentReading<Content> =
  | { readonly kind: "read"; readonly content: Content }
  | { readonly kind: "missing"; readonly path: string }
  | { readonly kind: "invalid"; readonly path: string; readonly reason: string };

/** Writes a JSON document for a later step. */
export async function writeDocument(path: string, content: unknown): Promise<void> {
  await writeWhole(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** Reads a JSON document that another step wrote, and checks it: the path came from another process. */
export async function readDocument<Content>(
  schema: z.ZodType<Content>,
  path: string,
): Promise<DocumentReading<Content>> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success
      ? { kind: "read", content: parsed.data }
      : { kind: "invalid", path, reason: z.prettifyError(parsed.error) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { kind: "missing", path };
    return { kind: "invalid", path, reason: String(error) };
  }
}
