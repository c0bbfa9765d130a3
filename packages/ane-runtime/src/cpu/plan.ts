/**
 * What a program is lowered to: buffers and a list of steps over them. A plan depends on the program alone, so that all
 * kernels of one program share it; each kernel adds its weights.
 */
import { alignedBuffer, type ProgramStep } from "@ane/accel-ops";
import type { BlobReference } from "@ane/mil-builder";
import type { Port, WeightFiles } from "../device.js";
import type { GraphNode } from "./graph.js";
import type { Layout } from "./layout.js";

/** How elements are stored. fp64 holds what has no native code: integers. */
export type StorageDType = "fp16" | "fp32" | "fp64";

/** fp16 as bits. */
export type Memory = Uint16Array | Float32Array | Float64Array;

export type BufferSource =
  /** The bound surface of a port; inputs are numbered first, then outputs. */
  | { readonly kind: "port"; readonly port: number }
  /** Elements written in the program. */
  | { readonly kind: "literal"; readonly memory: Memory }
  /** Elements of a weight file. */
  | { readonly kind: "blob"; readonly reference: BlobReference }
  /** Computed from constants when a kernel is compiled; each kernel has its own. */
  | { readonly kind: "derived" }
  /** Intermediate result in the scratch memory of the device, at a byte offset. */
  | { readonly kind: "scratch"; readonly byteOffset: number }
  /** Intermediate result of one entry of a loop, in memory that each thread has for itself. */
  | { readonly kind: "private" };

export interface Buffer {
  /** Name of the value that it was made for. */
  readonly name: string;
  readonly dtype: StorageDType;
  /** Elements. */
  readonly length: number;
  readonly source: BufferSource;
}

/** A tensor inside a buffer of the plan. */
export interface Placement {
  /** Index of the buffer. */
  readonly buffer: number;
  readonly layout: Layout;
}

/** What a step works on: the memory of each buffer of the plan, and the weight files. */
export interface Workspace {
  readonly memory: readonly Memory[];
  readonly weights: WeightFiles;
}

export type StepKind =
  | "gemm"
  | "elementwise"
  | "reduce"
  | "softmax"
  | "copy"
  | "loop"
  | "reference";

interface StepDescription {
  readonly kind: StepKind;
  /** Names of the values that the step computes. */
  readonly label: string;
  readonly reads: readonly Placement[];
  readonly writes: readonly Placement[];
  /** Floating-point operations: 2 per multiply-add of a product, 1 per op and element otherwise, 0 for copies. */
  readonly flops: number;
  /** What is peculiar to the step, for the printed plan. */
  readonly detail: string;
}

/** A step that native code does; buffers have the plan's numbers. */
export interface NativeStep extends StepDescription {
  readonly native: readonly ProgramStep[];
  /** The ops that it computes; empty for copies. */
  readonly nodes: readonly GraphNode[];
  /** The steps inside a loop. */
  readonly body?: readonly NativeStep[];
}

/** A step that runs in JavaScript. */
export interface ScriptStep extends StepDescription {
  run(workspace: Workspace): void;
}

export type Step = NativeStep | ScriptStep;

export function isNative(step: Step): step is NativeStep {
  return "native" in step;
}

/** Steps that run as one: a native program, or a single step in JavaScript. */
export interface Stage {
  run(workspace: Workspace): void;
}

/** Elements of a weight file that a plan has been fitted to: it serves kernels with the same ones only. */
export interface Assumption {
  readonly name: string;
  readonly reference: BlobReference;
  readonly elements: Memory;
}

export interface Plan {
  readonly functionName: string;
  readonly numerics: "fp16" | "fp32";
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly buffers: readonly Buffer[];
  /** Everything in weight files that the program reads, by the name of its const. */
  readonly blobs: readonly (readonly [name: string, reference: BlobReference])[];
  readonly assumptions: readonly Assumption[];
  /** Steps over constants, run once per kernel. */
  readonly preparation: readonly Step[];
  /** Steps of every evaluation. */
  readonly steps: readonly Step[];
  /** The same steps, ready to run. */
  readonly preparationStages: readonly Stage[];
  readonly stages: readonly Stage[];
  /** Bytes of scratch memory that the steps need. */
  readonly scratchBytes: number;
}

const BYTES: Readonly<Record<StorageDType, number>> = { fp16: 2, fp32: 4, fp64: 8 };

export function byteLengthOf({ dtype, length }: Pick<Buffer, "dtype" | "length">): number {
  return length * BYTES[dtype];
}

/** Memory of a dtype: a view of `bytes` at `byteOffset`, or new and zero. */
export function memoryOf(
  { dtype, length }: Pick<Buffer, "dtype" | "length">,
  bytes: ArrayBuffer = alignedBuffer(length * BYTES[dtype]),
  byteOffset = 0,
): Memory {
  switch (dtype) {
    case "fp16":
      return new Uint16Array(bytes, byteOffset, length);
    case "fp32":
      return new Float32Array(bytes, byteOffset, length);
    default:
      return new Float64Array(bytes, byteOffset, length);
  }
}
