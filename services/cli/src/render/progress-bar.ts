import type { Line } from "./line.ts";

/** A bar of so many columns, drawn to half a column. */
export function progressBar(fraction: number, columns: number): Line {
  const halves = Math.round(Math.min(1, Math.max(0, fraction)) * columns * 2);
  const full = Math.floor(halves / 2);
  const half = halves % 2;
  return [
    { text: "━".repeat(full) + (half ? "╸" : ""), style: "cyan" },
    { text: "─".repeat(columns - full - half), style: "dim" },
  ];
}
