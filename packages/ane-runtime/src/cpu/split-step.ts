/** A native step cut along its outermost loop, as the body of a loop around several steps. */
import {
  type ElementwiseStep,
  type GuardedMatrix,
  type GuardStep,
  type MatrixPlace,
  Opcode,
  type Place,
  type ProgramStep,
} from "@ane/accel-ops";
import type { NativeStep } from "./plan.js";
import { elementCount } from "./shape.js";

/** Everything that a step may do inside a loop. */
export type BodyStep = Exclude<ProgramStep, { kind: "loop" | "copy" }>;

type GemmCall = Extract<ProgramStep, { kind: "gemm" }>;

/** The loops over the products of a step, outermost first; undefined for steps without a batch. */
export function batchOf({ native }: NativeStep): readonly number[] | undefined {
  const [first] = native;
  if (first?.kind !== "gemm") return undefined;
  const sizes = native.length === 1 ? [first.count] : [native.length, first.count];
  return elementCount(sizes) > 1 ? sizes : undefined;
}

/** One entry of a loop over equal and independent parts of a step; undefined where it has no such parts. */
export function splitStep({ native }: NativeStep, loops: readonly number[]): BodyStep | undefined {
  const [whole, next] = native;
  if (next) return splitCalls(native, loops);
  switch (whole?.kind) {
    case "gemm": {
      const count = whole.count / elementCount(loops);
      const part = (place: MatrixPlace) => moving(place, loops, place.batchStride * count);
      const [a, b, c] = [part(whole.a), part(whole.b), part(whole.c)];
      return Number.isInteger(count) ? { ...whole, count, a, b, c } : undefined;
    }
    case "elementwise":
      return splitPass(whole, loops);
    case "copy":
      // fp16 survives the way through fp32 registers.
      return splitPass(
        {
          kind: "elementwise",
          shape: whole.shape,
          inputs: [whole.src],
          outputs: [whole.dst],
          code: Int32Array.of(Opcode.LOAD, 0, 0, 0, Opcode.STORE, 0, 0, 0),
          constants: new Float32Array(0),
          roundHalf: false,
        },
        loops,
      );
    case "softmax":
    case "reduce": {
      const { axis, inner, x, out } = whole;
      const outer = whole.outer / elementCount(loops);
      const written = whole.kind === "softmax" ? axis : 1;
      if (!Number.isInteger(outer)) return undefined;
      return {
        ...whole,
        outer,
        x: moving(x, loops, outer * axis * inner),
        out: moving(out, loops, outer * written * inner),
      };
    }
    default:
      return undefined;
  }
}

const PASS_DIMS = 4;

function splitPass(pass: ElementwiseStep, loops: readonly number[]): BodyStep | undefined {
  const [outer, ...inner] = pass.shape;
  const left = outer! / elementCount(loops);
  if (!Number.isInteger(left)) return undefined;
  const shape = left === 1 && inner.length > 0 ? inner : [left, ...inner];
  if (shape.length > PASS_DIMS) return undefined;
  const part = (operand: (typeof pass.inputs)[number]) => ({
    ...moving(operand, loops, operand.strides[0]! * left),
    strides: operand.strides.slice(-shape.length),
  });
  return { ...pass, shape, inputs: pass.inputs.map(part), outputs: pass.outputs.map(part) };
}

/** Several calls of which each is a batch, at equal distances: two loops, as of KV heads and the query heads that share them. */
function splitCalls(
  native: readonly ProgramStep[],
  loops: readonly number[],
): BodyStep | undefined {
  const calls = native.filter((step): step is GemmCall => step.kind === "gemm");
  const [first, second] = calls;
  const fits = calls.length === native.length && loops[0] === calls.length;
  if (!first || !second || !fits || loops.length !== 2 || loops[1] !== first.count)
    return undefined;
  const operands = ["a", "b", "c"] as const;
  const isRegular = calls.every((call, index) =>
    operands.every((name) => {
      const step = second[name].offset - first[name].offset;
      return step >= 0 && call[name].offset === first[name].offset + index * step;
    }),
  );
  if (!isRegular) return undefined;
  const part = (name: (typeof operands)[number]) => ({
    ...first[name],
    loopStrides: [second[name].offset - first[name].offset, first[name].batchStride],
  });
  return { ...first, count: 1, a: part("a"), b: part("b"), c: part("c") };
}

/** @param stride from one entry to the next */
function moving<P extends Place>(place: P, loops: readonly number[], stride: number): P {
  const loopStrides = loops.map((_, loop) => stride * elementCount(loops.slice(loop + 1)));
  return { ...place, loopStrides };
}

/** An operand of a step in a loop. */
export interface Access {
  readonly place: Place;
  readonly writes: boolean;
  /** What it touches in the first entry: the first element, and one past the last. */
  readonly start: number;
  readonly end: number;
}

/** All operands of a split step. */
export function accessesOf(step: BodyStep): Access[] {
  switch (step.kind) {
    case "gemm": {
      const { m, n, k, count, a, b, c } = step;
      const matrix = (place: MatrixPlace, rows: number, columns: number, writes: boolean) => {
        const strides = [place.rowStride, place.columnStride, place.batchStride];
        return access(place, [rows, columns, count], strides, writes);
      };
      return [matrix(a, m, k, false), matrix(b, k, n, false), matrix(c, m, n, true)];
    }
    case "elementwise": {
      const { shape, inputs, outputs } = step;
      return [
        ...inputs.map((operand) => access(operand, shape, operand.strides, false)),
        ...outputs.map((operand) => access(operand, shape, operand.strides, true)),
      ];
    }
    case "guard":
      return guardedMatrices(step).map((matrix) => {
        const { rows, columns, rowStride, columnStride } = matrix;
        return access(matrix, [rows, columns], [rowStride, columnStride], false);
      });
    default: {
      const { outer, axis, inner, x, out } = step;
      const written = step.kind === "softmax" ? axis : 1;
      return [
        access(x, [outer * axis * inner], [1], false),
        access(out, [outer * written * inner], [1], true),
      ];
    }
  }
}

function guardedMatrices({ guards }: GuardStep): GuardedMatrix[] {
  return guards.flatMap((guard) => (guard.kind === "bounded" ? [guard.a, guard.b] : [guard.a]));
}

function access(
  place: Place,
  sizes: readonly number[],
  strides: readonly number[],
  writes: boolean,
): Access {
  const reach = sizes.reduce((sum, size, d) => sum + (size - 1) * strides[d]!, 0);
  return { place, writes, start: place.offset, end: place.offset + reach + 1 };
}

/** The same step with every operand's place replaced. */
export function withPlaces(step: BodyStep, replace: <P extends Place>(place: P) => P): BodyStep {
  switch (step.kind) {
    case "gemm":
      return { ...step, a: replace(step.a), b: replace(step.b), c: replace(step.c) };
    case "elementwise":
      return { ...step, inputs: step.inputs.map(replace), outputs: step.outputs.map(replace) };
    case "guard": {
      const guards = step.guards.map((guard) =>
        guard.kind === "bounded"
          ? { ...guard, a: replace(guard.a), b: replace(guard.b) }
          : { ...guard, a: replace(guard.a) },
      );
      return { ...step, guards };
    }
    default:
      return { ...step, x: replace(step.x), out: replace(step.out) };
  }
}
