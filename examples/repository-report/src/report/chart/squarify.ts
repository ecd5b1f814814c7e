/** A rectangle, from its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a box by weights into boxes as near to squares as can be: Bruls, Huizing and van Wijk, "Squarified
 * Treemaps" (2000). Weights are positive and come biggest first; the boxes come in the same order.
 */
export function squarify(weights: readonly number[], box: Box): Box[] {
  if (box.width <= 0 || box.height <= 0) return weights.map(() => ({ ...box, width: 0, height: 0 }));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const areas = weights.map((weight) => (weight / total) * box.width * box.height);
  const boxes: Box[] = [];
  let rest = box;
  let row: number[] = [];
  const layRow = () => {
    boxes.push(...placeRow(row, rest));
    rest = besideRow(row, rest);
    row = [];
  };
  for (const area of areas) {
    const side = Math.min(rest.width, rest.height);
    if (row.length > 0 && worstShape([...row, area], side) > worstShape(row, side)) layRow();
    row.push(area);
  }
  if (row.length > 0) layRow();
  return boxes;
}

/** The longest side by the shortest, of the worst box in a row along `side`. */
function worstShape(row: readonly number[], side: number): number {
  const sum = row.reduce((total, area) => total + area, 0);
  const thickness = sum / side;
  return Math.max(...row.map((area) => Math.max(area / thickness ** 2, thickness ** 2 / area)));
}

function placeRow(row: readonly number[], box: Box): Box[] {
  const thickness = thicknessOf(row, box);
  let at = 0;
  return row.map((area) => {
    const length = area / thickness;
    const placed = isWide(box)
      ? { x: box.x, y: box.y + at, width: thickness, height: length }
      : { x: box.x + at, y: box.y, width: length, height: thickness };
    at += length;
    return placed;
  });
}

function besideRow(row: readonly number[], box: Box): Box {
  const thickness = thicknessOf(row, box);
  return isWide(box)
    ? { ...box, x: box.x + thickness, width: Math.max(0, box.width - thickness) }
    : { ...box, y: box.y + thickness, height: Math.max(0, box.height - thickness) };
}

function thicknessOf(row: readonly number[], box: Box): number {
  return row.reduce((sum, area) => sum + area, 0) / Math.min(box.width, box.height);
}

function isWide(box: Box): boolean {
  return box.width >= box.height;
}
