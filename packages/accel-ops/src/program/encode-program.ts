/** A program as the numbers that native/program/program.cpp decodes, in the same order. */
import { reductionCode } from "../reduce.js";
import type {
  GuardedMatrix,
  MatrixPlace,
  Place,
  ProgramBuffer,
  ProgramStep,
  StridedPlace,
} from "./program-step.js";

const KINDS = ["gemm", "elementwise", "softmax", "reduce", "copy", "guard", "loop"] as const;
const STAIRS = [undefined, "c", "cTransposed", "a", "aTransposed", "b", "bTransposed"] as const;
const GUARDS = ["finite", "bounded"] as const;
/** Loops that an operand has a stride for. */
export const MAXIMUM_LOOPS = 3;

/** @param used Buffers that the steps touch and that are not private to a loop. */
export function encodeProgram(
  buffers: readonly (ProgramBuffer | undefined)[],
  used: readonly number[],
  steps: readonly ProgramStep[],
): Float64Array {
  return Float64Array.from([
    buffers.length,
    ...list(used, (buffer) => [buffer]),
    ...list(steps, (step) => encodeStep(step, buffers)),
  ]);
}

function list<T>(items: readonly T[], encode: (item: T) => readonly number[]): number[] {
  return [items.length, ...items.flatMap(encode)];
}

function encodeStep(step: ProgramStep, buffers: readonly (ProgramBuffer | undefined)[]): number[] {
  const kind = KINDS.indexOf(step.kind);
  switch (step.kind) {
    case "gemm": {
      const { m, n, k, count, a, b, c, accumulate, stairs } = step;
      const sizes = [m, n, k, count];
      const operands = [a, b, c].flatMap(matrix);
      return [kind, ...sizes, ...operands, Number(accumulate), STAIRS.indexOf(stairs)];
    }
    case "elementwise": {
      const { shape, inputs, outputs, code, constants, roundHalf, stairs = false } = step;
      return [
        ...[kind, ...list(shape, (size) => [size]), inputs.length, outputs.length],
        ...[...inputs, ...outputs].flatMap(strided),
        ...[code.length, ...code, constants.length, ...constants],
        ...[Number(roundHalf), Number(stairs)],
      ];
    }
    case "softmax": {
      const { outer, axis, inner, x, out, stairs = false } = step;
      return [kind, outer, axis, inner, ...place(x), ...place(out), Number(stairs)];
    }
    case "reduce": {
      const { op, outer, axis, inner, x, out, stairs = false } = step;
      const shape = [reductionCode(op), outer, axis, inner];
      return [kind, ...shape, ...place(x), ...place(out), Number(stairs)];
    }
    case "copy":
      return [
        kind,
        ...list(step.shape, (size) => [size]),
        ...strided(step.src),
        ...strided(step.dst),
      ];
    case "guard":
      return [
        kind,
        ...list([...step.limits], (limit) => [limit]),
        ...list(step.guards, (guard) => [
          GUARDS.indexOf(guard.kind),
          ...guarded(guard.a),
          ...(guard.kind === "bounded" ? [...guarded(guard.b), guard.bound] : []),
        ]),
      ];
    default: {
      const { sizes, privates, privateBytes, steps } = step;
      return [
        ...[kind, ...list(sizes, (size) => [size]), privateBytes],
        ...list(privates, ({ buffer, byteOffset }) => [
          buffer,
          byteOffset,
          buffers[buffer]!.dtype === "fp16" ? 1 : 0,
        ]),
        ...list(steps, (inner) => encodeStep(inner, buffers)),
      ];
    }
  }
}

function place({ buffer, offset, loopStrides = [] }: Place): number[] {
  const missing = new Array<number>(MAXIMUM_LOOPS - loopStrides.length).fill(0);
  return [buffer, offset, ...loopStrides, ...missing];
}

function strided(operand: StridedPlace): number[] {
  return [...place(operand), ...operand.strides];
}

function matrix(operand: MatrixPlace): number[] {
  return [...place(operand), operand.rowStride, operand.columnStride, operand.batchStride];
}

function guarded(operand: GuardedMatrix): number[] {
  const { rows, columns, rowStride, columnStride } = operand;
  return [...place(operand), rows, columns, rowStride, columnStride];
}
