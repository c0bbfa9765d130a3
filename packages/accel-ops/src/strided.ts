/** Rules of strided arrays: reach, distinct elements, overlap. Strides and offsets count elements. */
import { check, checkInteger } from "./argument-error.js";
import type { Real } from "./real.js";

/** An array seen through a loop nest: element (i, j, ...) is `data[offset + i * strides[0] + j * strides[1] + ...]`. */
export interface Operand {
  readonly data: Real;
  /** Default 0. */
  readonly offset?: number;
  /** One for each dim of the loop nest; 0 repeats the same element. */
  readonly strides: readonly number[];
}

/** Sizes must be integers, at most `maximum` of them. */
export function checkShape(shape: readonly number[], maximum: number, where: string): void {
  check(
    Array.isArray(shape) && shape.length <= maximum,
    where,
    `must be a list of at most ${maximum} dims`,
    shape,
  );
  for (const size of shape) checkInteger(size, where);
}

/** The operand must have a stride for each dim and stay within its array. */
export function checkOperand(operand: Operand, shape: readonly number[], where: string): void {
  const { data, offset = 0, strides } = operand;
  checkReal(data, `${where}.data`);
  checkInteger(offset, `${where}.offset`);
  const oneEach = `must have ${shape.length}, one for each dim`;
  check(strides.length === shape.length, `${where}.strides`, oneEach, strides);
  let end = offset + 1;
  shape.forEach((size, d) => {
    checkInteger(strides[d]!, `${where}.strides`);
    end += (size - 1) * strides[d]!;
  });
  if (shape.includes(0) || end <= data.length) return;
  const rule = `must have at least ${end} elements for shape [${shape.join(", ")}], offset ${offset} and strides [${strides.join(", ")}]`;
  check(false, `${where}.data`, rule, data.length);
}

export function checkReal(data: Real, where: string): void {
  const known = data instanceof Float32Array || data instanceof Uint16Array;
  check(known, where, "must be a Float32Array (fp32) or a Uint16Array (fp16 bits)", data);
}

/** Each step of the nest must lead to another element: no stride may lie within what the smaller ones reach. */
export function checkDistinct(
  sizes: readonly number[],
  strides: readonly number[],
  where: string,
): void {
  const loops = sizes.map((size, d) => [size, strides[d]!] as const).filter(([size]) => size > 1);
  loops.sort(([, one], [, other]) => one - other);
  let reach = 0;
  for (const [size, stride] of loops) {
    const rule = `strides must lead to distinct elements, so one of them must be above ${reach}`;
    check(stride > reach, where, rule, stride);
    reach += (size - 1) * stride;
  }
}

/** True if the two operands, run through by loops of these sizes, certainly have no element in common. */
export function disjoint(
  a: Operand,
  sizesA: readonly number[],
  b: Operand,
  sizesB: readonly number[],
): boolean {
  if (a.data.buffer !== b.data.buffer || sizesA.includes(0) || sizesB.includes(0)) return true;
  const width = a.data.BYTES_PER_ELEMENT;
  const [startA, startB] = [startOf(a), startOf(b)];
  if (startA + (reach(a, sizesA) + 1) * width <= startB) return true;
  if (startB + (reach(b, sizesB) + 1) * b.data.BYTES_PER_ELEMENT <= startA) return true;
  if (width !== b.data.BYTES_PER_ELEMENT) return false;
  // Interleaved operands: all strides are multiples of a period, but for those of the loops inside one period, and the
  // two use different parts of it.
  const [firstA, firstB] = [startA / width, startB / width];
  return [...a.strides, ...b.strides].some((period) => {
    if (period < 2 || !isPeriod(a, period) || !isPeriod(b, period)) return false;
    const [lowA, lowB] = [firstA % period, firstB % period];
    const [highA, highB] = [lowA + reach(a, sizesA, period), lowB + reach(b, sizesB, period)];
    return highA < period && highB < period && (highA < lowB || highB < lowA);
  });
}

/** Byte address of the first element within its buffer. */
export function startOf({ data, offset = 0 }: Operand): number {
  return data.byteOffset + offset * data.BYTES_PER_ELEMENT;
}

/** Distance from the first to the last element, over the loops with strides below `limit`. */
function reach(
  { strides }: Operand,
  sizes: readonly number[],
  limit = Number.POSITIVE_INFINITY,
): number {
  let sum = 0;
  for (let d = 0; d < sizes.length; d++) {
    if (strides[d]! < limit) sum += (sizes[d]! - 1) * strides[d]!;
  }
  return sum;
}

function isPeriod({ strides }: Operand, period: number): boolean {
  return strides.every((stride) => stride < period || stride % period === 0);
}
