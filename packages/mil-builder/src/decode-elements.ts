/** Elements of literals as float64. */
import type { LiteralElements } from "./program.js";

/** Elements of a literal that is not of strings: booleans as 0 and 1, wide integers to 53 bits. */
export function decodeLiteral(elements: LiteralElements): Float64Array {
  return elements instanceof Float64Array
    ? elements
    : Float64Array.from(elements as ArrayLike<number>, Number);
}
