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

/** An operand with its loop nest. */
export interface Region extends Operand {
  readonly sizes: readonly number[];
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

/** True if the regions certainly have no element in common. */
export function disjoint(a: Region, b: Region): boolean {
  if (a.data.buffer !== b.data.buffer || a.sizes.includes(0) || b.sizes.includes(0)) return true;
  const width = a.data.BYTES_PER_ELEMENT;
  const [startA, startB] = [startOf(a), startOf(b)];
  if (startA + (reach(a) + 1) * width <= startB) return true;
  if (startB + (reach(b) + 1) * b.data.BYTES_PER_ELEMENT <= startA) return true;
  if (width !== b.data.BYTES_PER_ELEMENT) return false;
  // Interleaved regions: all strides are multiples of a period, but for those of the loops inside one period, and the
  // two regions use different parts of it.
  const [firstA, firstB] = [startA / width, startB / width];
  return [...a.strides, ...b.strides].some((period) => {
    if (period < 2 || !isPeriod(a, period) || !isPeriod(b, period)) return false;
    const [lowA, lowB] = [firstA % period, firstB % period];
    const [highA, highB] = [lowA + reach(a, period), lowB + reach(b, period)];
    return highA < period && highB < period && (highA < lowB || highB < lowA);
  });
}

/** Byte address of the first element within its buffer. */
export function startOf({ data, offset = 0 }: Operand): number {
  return data.byteOffset + offset * data.BYTES_PER_ELEMENT;
}

/** Distance from the first to the last element, over the loops with strides below `limit`. */
function reach({ sizes, strides }: Region, limit = Number.POSITIVE_INFINITY): number {
  return sizes.reduce(
    (sum, size, d) => sum + (strides[d]! < limit ? (size - 1) * strides[d]! : 0),
    0,
  );
}

function isPeriod({ strides }: Region, period: number): boolean {
  return strides.every((stride) => stride < period || stride % period === 0);
}
