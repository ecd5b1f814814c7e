/** Less than that cannot be told from chance. */
const factorMin = 1.1;

/** "1.4× slower", "typical", or "–" when it is not known. */
export function speedText(slowdown: number | undefined): string {
  if (slowdown === undefined) return "–";
  if (slowdown >= factorMin) return `${factorText(slowdown)}× slower`;
  return slowdown > 1 / factorMin ? "typical" : `${factorText(1 / slowdown)}× quicker`;
}

function factorText(factor: number): string {
  return factor < 10 ? factor.toFixed(1) : factor.toFixed(0);
}
