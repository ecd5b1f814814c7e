import type { Cell, FolderCells, Measures } from "../../measure/measures.ts";
import { formatBytes, formatShare, plural } from "../../numbers.ts";
import { type Markup, markup, nothing } from "../markup.ts";
import type { Chart } from "./chart.ts";
import { kindNames } from "./kind-band.ts";
import { type Box, squarify } from "./squarify.ts";
import { fitText, smallTextSize, textWidth } from "./text-fit.ts";

const folderGap = 4;
const cellGap = 2;
const headerHeight = 24;
const padding = 7;

/** A map of the folders: area is bytes, colour is what most of them are for. */
export function folderMap(folders: Measures["folders"], width: number, height: number): Chart {
  const boxes = squarify(
    folders.map((folder) => folder.bytes),
    // Each box gives up a gap at its right and its bottom; the last ones give theirs to the outside.
    { x: 0, y: 0, width: width + folderGap, height: height + folderGap },
  );
  const total = folders.reduce((sum, folder) => sum + folder.bytes, 0);
  const spoken = folders.slice(0, 8).map((folder) => `${folder.name} ${formatShare(folder.bytes, total)}`);
  return {
    title: "Size by folder",
    description: `Of ${formatBytes(total)}: ${spoken.join(", ")}.`,
    width,
    height,
    body: markup`${folders.map((folder, index) => drawFolder(folder, shrink(boxes[index], folderGap)))}`,
  };
}

function drawFolder(folder: FolderCells, box: Box): Markup {
  const hasHeader = headerName(folder, box) !== "" && box.height >= headerHeight + 16;
  const inner: Box = hasHeader ? { ...box, y: box.y + headerHeight, height: box.height - headerHeight } : box;
  const boxes = squarify(
    folder.cells.map((cell) => cell.bytes),
    { ...inner, width: inner.width + cellGap, height: inner.height + cellGap },
  );
  const cells = folder.cells.map((cell, index) => drawCell(folder, cell, shrink(boxes[index], cellGap)));
  return markup`
<g><rect class="frame" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="3"/>
${hasHeader ? drawHeader(folder, box) : nothing}${cells}</g>`;
}

/** Bold text is wider than `fitText` and `textWidth` reckon with. */
const boldness = 1.08;

function headerName(folder: FolderCells, box: Box): string {
  return fitText(folder.name, (box.width - 2 * padding) / boldness);
}

function drawHeader(folder: FolderCells, box: Box): Markup {
  const name = markup`<text class="strong" x="${box.x + padding}" y="${box.y + 16}">${headerName(folder, box)}</text>`;
  const size = formatBytes(folder.bytes);
  const needed = textWidth(folder.name) * boldness + 8 + textWidth(size, smallTextSize);
  if (needed > box.width - 2 * padding) return name;
  return markup`${name}<text class="muted small" x="${box.x + box.width - padding}" y="${box.y + 16}" text-anchor="end">${size}</text>`;
}

function drawCell(folder: FolderCells, cell: Cell, box: Box): Markup {
  const room = box.width - 2 * padding;
  const name = box.height >= 22 ? fitText(cell.name, room, smallTextSize) : "";
  const size = formatBytes(cell.bytes);
  const hasSize = name !== "" && box.height >= 40 && textWidth(size, smallTextSize) <= room;
  const about = `${folder.name} › ${cell.name}: ${size}, ${plural(cell.files, "file")}, mostly ${kindNames[cell.kind].toLowerCase()}`;
  return markup`
<g><title>${about}</title><rect class="${cell.kind} tint" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="2"/>
${name === "" ? nothing : markup`<text class="small" x="${box.x + padding}" y="${box.y + 16}">${name}</text>`}${
  hasSize
    ? markup`<text class="muted small" x="${box.x + padding}" y="${box.y + 32}">${size}</text>`
    : nothing
}</g>`;
}

function shrink(box: Box | undefined, gap: number): Box {
  const { x, y, width, height } = box ?? { x: 0, y: 0, width: 0, height: 0 };
  // Whole units make edges that line up, and sharp ones where a unit is a pixel.
  const left = Math.round(x);
  const top = Math.round(y);
  return {
    x: left,
    y: top,
    width: Math.max(0, Math.round(x + width) - gap - left),
    height: Math.max(0, Math.round(y + height) - gap - top),
  };
}
