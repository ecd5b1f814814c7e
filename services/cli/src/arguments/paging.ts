import type { Context } from "../context.ts";
import { lineOf } from "../render/line.ts";
import { writeLines } from "../terminal/screen.ts";
import { integer, text } from "./option.ts";

/** What every list takes. */
export const pagingOptions = {
  limit: integer("count", "how many at most (default 50)", { min: 1, max: 1_000 }),
  pageToken: text("token", "go on where another page ended"),
};

/** The paging of a request. */
export function pageOf({
  limit = 50,
  pageToken = "",
}: {
  limit: number | undefined;
  pageToken: string | undefined;
}) {
  return { pageSize: limit, pageToken };
}

/** Says on standard error how to get the next page, if there is one. */
export function tellMore(commandLine: string, nextPageToken: string, { err }: Context): void {
  if (nextPageToken !== "")
    writeLines(err, [lineOf(`more: ${commandLine} --page-token ${nextPageToken}`, "dim")]);
}
