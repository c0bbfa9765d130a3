/** Functions that JavaScript's Math lacks, to float64 accuracy, as references. */

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** Taylor series for small x, one minus the tail for large. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 2.5) return Math.sign(x) * (1 - erfcTail(Math.abs(x)));
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return twoOverRootPi * sum;
}

export function erfc(x: number): number {
  return x > 2.5 ? erfcTail(x) : 1 - erf(x);
}

/** Continued fraction of erfc (Laplace), evaluated backwards; x above 2. */
function erfcTail(x: number): number {
  if (x > 27) return 0;
  let fraction = x;
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** Distance of an fp32 value from the exact one in units of the last place of fp32 at that value. */
export function ulps(actual: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(actual) ? 0 : Number.POSITIVE_INFINITY;
  const rounded = Math.fround(exact);
  if (!Number.isFinite(rounded)) return actual === rounded ? 0 : Number.POSITIVE_INFINITY;
  const magnitude = Math.max(Math.abs(exact), 2 ** -126);
  const unit = 2 ** (Math.floor(Math.log2(magnitude)) - 23);
  return Math.abs(actual - exact) / unit;
}
