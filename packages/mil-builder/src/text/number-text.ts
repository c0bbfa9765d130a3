/** Fast reading of the numbers that programs are full of: integers and short hexadecimal floats, without cutting out text. */

const ZERO = 48;
const NINE = 57;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
/** Letters in lower case, `code | 32`. */
const LOWER_A = 97;
const LOWER_F = 102;
const LOWER_P = 112;
const LOWER_X = 120;

/** Hexadecimal digits that surely fit into the 53 bits of a double. */
const MOST_DIGITS = 13;
/** Within these exponents all results are normal doubles, so that scaling is exact. */
const LARGEST_EXPONENT = 900;
const POWERS = Float64Array.from(
  { length: 2 * LARGEST_EXPONENT + 1 },
  (_, index) => 2 ** (index - LARGEST_EXPONENT),
);

/** The decimal integer at `start..end`; NaN if it is none or beyond 2^53. */
export function integerOf(text: string, start: number, end: number): number {
  const first = text.charCodeAt(start);
  const isSigned = first === MINUS || first === PLUS;
  let position = isSigned ? start + 1 : start;
  if (position === end) return Number.NaN;
  let magnitude = 0;
  for (; position < end; position++) {
    const code = text.charCodeAt(position);
    if (code < ZERO || code > NINE) return Number.NaN;
    magnitude = magnitude * 10 + (code - ZERO);
    if (magnitude > Number.MAX_SAFE_INTEGER) return Number.NaN;
  }
  return first === MINUS ? 0 - magnitude : magnitude;
}

/** The C99 hexadecimal float at `start..end`, exactly; NaN if it is none, or too long or extreme for this shortcut. */
export function shortHexFloat(text: string, start: number, end: number): number {
  const first = text.charCodeAt(start);
  let position = first === MINUS || first === PLUS ? start + 1 : start;
  if (text.charCodeAt(position) !== ZERO || (text.charCodeAt(position + 1) | 32) !== LOWER_X) {
    return Number.NaN;
  }
  position += 2;
  let mantissa = 0;
  let digits = 0;
  let dot = -1;
  for (; position < end; position++) {
    const code = text.charCodeAt(position);
    if (code === DOT && dot < 0) {
      dot = digits;
      continue;
    }
    const digit = hexDigit(code);
    if (digit < 0) break;
    mantissa = mantissa * 16 + digit;
    digits++;
  }
  if (digits === 0 || digits > MOST_DIGITS) return Number.NaN;
  let exponent = dot < 0 ? 0 : -4 * (digits - dot);
  if (position < end) {
    if ((text.charCodeAt(position) | 32) !== LOWER_P) return Number.NaN;
    exponent += integerOf(text, position + 1, end);
  }
  if (!(Math.abs(exponent) <= LARGEST_EXPONENT)) return Number.NaN;
  const magnitude = mantissa * POWERS[exponent + LARGEST_EXPONENT]!;
  return first === MINUS ? -magnitude : magnitude;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const lower = code | 32;
  return lower >= LOWER_A && lower <= LOWER_F ? lower - LOWER_A + 10 : -1;
}
