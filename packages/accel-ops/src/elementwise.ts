/** Fused elementwise operations: a program of vector instructions over strided arrays. */
import { check, checkArray } from "./argument-error.js";
import { checkCode, Opcode, UNROUNDED } from "./elementwise-code.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";
import {
  checkDistinct,
  checkOperand,
  checkShape,
  disjoint,
  type Operand,
  startOf,
} from "./strided.js";

const native = nativeBinding<{
  elementwise(
    arrays: Real[],
    layout: Float64Array,
    code: Int32Array,
    constants: Float32Array,
    roundHalf: boolean,
  ): void;
}>();

const maximumDims = 4;

/** Numbers for the native call, reused because a new typed array for each would cost as much as the call. */
let layout = new Float64Array(64);

/** A loop nest, what it reads and writes, and the program for each of its steps. */
export interface ElementwiseOptions {
  /** Sizes of the loops, at most four. */
  readonly shape: readonly number[];
  readonly inputs: readonly Operand[];
  /** No element twice; each apart from the other outputs, and from every input that is not the same in all. */
  readonly outputs: readonly Operand[];
  /** Rows of four integers, see `Opcode`. */
  readonly code: Int32Array;
  readonly constants: Float32Array;
  /** Rounds the result of every instruction to fp16 (to nearest even) before it is used: one rounding per op. */
  readonly roundHalf: boolean;
}

/**
 * Runs the program for every element of `shape`. Arithmetic is fp32; fp16 inputs are widened, fp16 outputs rounded. An
 * output may be an input (same array, offset and strides) if it is stored after that input's last LOAD.
 *
 * @throws ArgumentError if an operand reaches beyond its array, the program is not valid, or operands overlap
 */
export function elementwise(options: ElementwiseOptions): void {
  const { shape, inputs, outputs, code, constants, roundHalf } = options;
  checkShape(shape, maximumDims, "elementwise.shape");
  checkArray(constants, Float32Array, "elementwise.constants");
  const room = { inputs: inputs.length, outputs: outputs.length, constants: constants.length };
  checkCode(code, room, "elementwise.code");
  for (const [i, operand] of inputs.entries()) {
    checkOperand(operand, shape, `elementwise.inputs[${i}]`);
  }
  for (const [i, operand] of outputs.entries()) checkOutput(operand, i, options);
  if (shape.includes(0)) return;
  const operands = [...inputs, ...outputs];
  const length = 2 + shape.length + operands.length * (1 + shape.length);
  if (length > layout.length) layout = new Float64Array(2 * length);
  let at = 0;
  layout[at++] = shape.length;
  layout[at++] = inputs.length;
  for (const size of shape) layout[at++] = size;
  for (const { offset = 0, strides } of operands) {
    layout[at++] = offset;
    for (const stride of strides) layout[at++] = stride;
  }
  const arrays = operands.map(({ data }) => data);
  native.elementwise(arrays, layout, code, constants, roundHalf);
}

function checkOutput(output: Operand, index: number, options: ElementwiseOptions): void {
  const { shape, inputs, outputs, code } = options;
  const where = `elementwise.outputs[${index}]`;
  checkOperand(output, shape, where);
  checkDistinct(shape, output.strides, where);
  for (const [i, input] of inputs.entries()) {
    if (disjoint(input, shape, output, shape)) continue;
    const rule = `must be the same as inputs[${i}] or not overlap it`;
    check(sameElements(input, output, shape), where, rule, "shared memory");
    const after = lastLoad(code, i) < storeOf(code, index);
    check(
      after,
      where,
      `must be stored after the last LOAD of inputs[${i}], which it overwrites`,
      "a STORE before it",
    );
  }
  for (const other of outputs.slice(0, index)) {
    const apart = disjoint(other, shape, output, shape);
    check(apart, where, "must not overlap another output", "shared memory");
  }
}

function sameElements(a: Operand, b: Operand, shape: readonly number[]): boolean {
  return (
    a.data.constructor === b.data.constructor &&
    startOf(a) === startOf(b) &&
    shape.every((size, d) => size === 1 || a.strides[d] === b.strides[d])
  );
}

function lastLoad(code: Int32Array, input: number): number {
  let last = -1;
  for (let at = 0; at < code.length; at += 4) {
    if ((code[at]! & ~UNROUNDED) === Opcode.LOAD && code[at + 2] === input) last = at;
  }
  return last;
}

function storeOf(code: Int32Array, output: number): number {
  let at = 0;
  while ((code[at]! & ~UNROUNDED) !== Opcode.STORE || code[at + 1] !== output) at += 4;
  return at;
}
