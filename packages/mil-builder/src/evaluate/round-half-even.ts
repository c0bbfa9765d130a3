/** To the nearest integer, halves to the even one; exact, as the sum has no room for a fraction. */
export function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x;
  const magic = x < 0 || Object.is(x, -0) ? -(2 ** 52) : 2 ** 52;
  const rounded = x + magic - magic;
  return rounded === 0 && magic < 0 ? -0 : rounded;
}
