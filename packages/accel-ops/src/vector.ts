/** Arithmetic and reductions of fp32 vectors [n]. An output may be the same array as an input, never a shifted one. */
import { check, checkArray } from "./argument-error.js";
import { checkNotShifted, checkNumber } from "./checks.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

const native = nativeBinding<{
  add(a: Float32Array, b: Float32Array, out: Float32Array): void;
  sub(a: Float32Array, b: Float32Array, out: Float32Array): void;
  scale(x: Float32Array, alpha: number): void;
  axpy(alpha: number, x: Float32Array, y: Float32Array): void;
  dot(a: Float32Array, b: Float32Array): number;
  allFinite(x: Real, length: number): boolean;
}>();

/** `out = a + b`. */
export function add(a: Float32Array, b: Float32Array, out: Float32Array): void {
  checkBinary("add", a, b, out);
  native.add(a, b, out);
}

/** `out = a - b`. */
export function sub(a: Float32Array, b: Float32Array, out: Float32Array): void {
  checkBinary("sub", a, b, out);
  native.sub(a, b, out);
}

/** `x *= alpha`, with alpha rounded to fp32. */
export function scale(x: Float32Array, alpha: number): void {
  checkArray(x, Float32Array, "scale.x");
  checkNumber(alpha, "scale.alpha");
  native.scale(x, alpha);
}

/** `y += alpha * x`, with alpha rounded to fp32. */
export function axpy(alpha: number, x: Float32Array, y: Float32Array): void {
  checkNumber(alpha, "axpy.alpha");
  checkArray(x, Float32Array, "axpy.x");
  checkArray(y, Float32Array, "axpy.y", x.length);
  checkNotShifted(y, x, "axpy.y", "x");
  native.axpy(alpha, x, y);
}

/**
 * `Σ a·b`, accumulated in double in an order that depends on the length only: the same number on every CPU, since the
 * product of two floats is exact in double.
 */
export function dot(a: Float32Array, b: Float32Array): number {
  checkArray(a, Float32Array, "dot.a");
  checkArray(b, Float32Array, "dot.b", a.length);
  return native.dot(a, b);
}

/** `Σ x²`, accumulated like {@link dot}. */
export function sumOfSquares(x: Float32Array): number {
  checkArray(x, Float32Array, "sumOfSquares.x");
  return native.dot(x, x);
}

/** False if an element is infinite or NaN. @param x fp32, or fp16 bits */
export function allFinite(x: Real): boolean {
  const known = x instanceof Float32Array || x instanceof Uint16Array;
  check(known, "allFinite.x", "must be a Float32Array or a Uint16Array", x);
  return native.allFinite(x, x.length);
}

function checkBinary(name: string, a: Float32Array, b: Float32Array, out: Float32Array): void {
  checkArray(a, Float32Array, `${name}.a`);
  checkArray(b, Float32Array, `${name}.b`, a.length);
  checkArray(out, Float32Array, `${name}.out`, a.length);
  checkNotShifted(out, a, `${name}.out`, "a");
  checkNotShifted(out, b, `${name}.out`, "b");
}
