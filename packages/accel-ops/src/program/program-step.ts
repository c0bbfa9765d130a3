/** The steps of a `Program`: operations over numbered buffers. Offsets and strides count elements. */
import type { ReduceOperation } from "../reduce.js";

/** Memory that a program works on: given to each run, or a part of the private memory of a loop. */
export interface ProgramBuffer {
  readonly dtype: "fp16" | "fp32";
  /** Elements. */
  readonly length: number;
}

/** Where an operand begins. */
export interface Place {
  readonly buffer: number;
  readonly offset: number;
  /** Distance from one entry of the surrounding loop to the next, for each of its sizes. Default: none. */
  readonly loopStrides?: readonly number[];
}

export interface StridedPlace extends Place {
  readonly strides: readonly number[];
}

export interface MatrixPlace extends Place {
  readonly rowStride: number;
  readonly columnStride: number;
  /** Distance from one product of the batch to the next. */
  readonly batchStride: number;
}

/**
 * Which operand of C [m, n] = A [m, k] B [k, n] is a matrix with stairs, or the transpose of one: row r of it matters in
 * the first `limits[r]` columns of the loop only. Beyond, C is not computed, A and B are zero.
 */
export type Stairs = "c" | "cTransposed" | "a" | "aTransposed" | "b" | "bTransposed";

/** C = A B, or C += A B. C is row- or column-major and overlaps neither A nor B; sums are fp32. */
export interface GemmStep {
  readonly kind: "gemm";
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Products. */
  readonly count: number;
  readonly a: MatrixPlace;
  readonly b: MatrixPlace;
  readonly c: MatrixPlace;
  readonly accumulate: boolean;
  readonly stairs?: Stairs;
}

/**
 * See `elementwise`. With stairs the last two dims are rows and columns, and outputs, with stride 1 along columns, become
 * zero beyond the limits.
 */
export interface ElementwiseStep {
  readonly kind: "elementwise";
  readonly shape: readonly number[];
  readonly inputs: readonly StridedPlace[];
  readonly outputs: readonly StridedPlace[];
  readonly code: Int32Array;
  readonly constants: Float32Array;
  readonly roundHalf: boolean;
  readonly stairs?: boolean;
}

/** See `softmax`. With stairs (inner is 1) what lies beyond the limit of a row counts for nothing, and becomes zero. */
export interface SoftmaxStep {
  readonly kind: "softmax";
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
  readonly x: Place;
  readonly out: Place;
  readonly stairs?: boolean;
}

/** See `reduce`. With stairs (inner is 1) what lies beyond the limit of a row is zero, and may be left out. */
export interface ReduceStep {
  readonly kind: "reduce";
  readonly op: ReduceOperation;
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
  readonly x: Place;
  readonly out: Place;
  readonly stairs?: boolean;
}

/** See `copyStrided`. Not within a loop. */
export interface CopyStep {
  readonly kind: "copy";
  readonly shape: readonly number[];
  readonly src: StridedPlace;
  readonly dst: StridedPlace;
}

/** Element (i, j) is at `i * rowStride + j * columnStride`. */
export interface GuardedMatrix extends Place {
  readonly rows: number;
  readonly columns: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** What must hold in an entry for its stairs to leave out nothing but what cannot change a result. */
export type Guard =
  /** Every element of `a` is finite. */
  | { readonly kind: "finite"; readonly a: GuardedMatrix }
  /** The largest norm of a row of `a` times the largest norm of a row of `b` is less than `bound`. */
  | {
      readonly kind: "bounded";
      readonly a: GuardedMatrix;
      readonly b: GuardedMatrix;
      readonly bound: number;
    };

/**
 * Sets the limits of stairs for the later steps of the entry; where a guard fails, those are computed in full. Within a
 * loop only.
 */
export interface GuardStep {
  readonly kind: "guard";
  /** Of the rows of all matrices with stairs; they never fall. */
  readonly limits: Int32Array;
  readonly guards: readonly Guard[];
}

/** Runs its steps for each entry in one thread, entries beside each other: what they exchange stays in a core's cache. */
export interface LoopStep {
  readonly kind: "loop";
  /** One to three loops, outermost first. Entries must not depend on each other. */
  readonly sizes: readonly number[];
  readonly steps: readonly Exclude<ProgramStep, LoopStep | CopyStep>[];
  /** Buffers that every thread has for itself, by their place in its private memory; multiples of 64 bytes. */
  readonly privates: readonly { readonly buffer: number; readonly byteOffset: number }[];
  readonly privateBytes: number;
}

export type ProgramStep =
  | GemmStep
  | ElementwiseStep
  | SoftmaxStep
  | ReduceStep
  | CopyStep
  | GuardStep
  | LoopStep;
