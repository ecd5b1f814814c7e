import { z } from "zod";
import { fileKinds } from "../collect/languages.ts";

const count = z.int().nonnegative();
const size = { files: count, bytes: count, lines: count };

const totals = z.object(size);
const cell = z.object({
  /** The folder's or file's own name, or what stands for many small ones. */
  name: z.string(),
  ...size,
  /** What most of its bytes are for. */
  kind: z.enum(fileKinds),
});

/** What `repo.measure` leaves for `repo.report`. */
export const measuresSchema = z.object({
  totals,
  /** What people wrote, by language, most lines first. */
  languages: z.array(z.object({ language: z.string(), ...size })),
  /** Every file, by what it is for; kinds without files are left out. */
  kinds: z.array(z.object({ kind: z.enum(fileKinds), ...size })),
  /** The folders of the root, biggest first, each with what lies directly in it. */
  folders: z.array(cell.extend({ cells: z.array(cell) })),
  biggest: z.array(z.object({ path: z.string(), bytes: count, kind: z.enum(fileKinds) })),
  longest: z.array(z.object({ path: z.string(), lines: count, language: z.string().nullable() })),
  /** Text files too large to count the lines of, or gone since they were collected. */
  uncounted: count,
});

export type Measures = z.infer<typeof measuresSchema>;
export type Totals = z.infer<typeof totals>;
export type Cell = z.infer<typeof cell>;
export type FolderCells = Measures["folders"][number];
