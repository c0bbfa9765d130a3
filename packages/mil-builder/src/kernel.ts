/**
 * A kernel is a program plus the meaning of its surfaces: which channels (or columns) of which port hold which
 * named tensor, which weight files it wants, and the constant files (masks, RoPE tables) it brings along.
 */
import type { DType, Program } from "./program.js";

/** A named range of a port's surface `[1, C, 1, W]`: `size` channels (or columns) from `start`. */
export interface Slot {
  /** Name of the function input or output that holds the tensor. */
  readonly port: string;
  readonly axis: "channel" | "spatial";
  readonly start: number;
  readonly size: number;
  /** First column of a channel slot that shares its channels with others; `shape` says how many. Default 0. */
  readonly column?: number;
  /** Shape of the slot itself, `[1, size, 1, S]` for a channel slot. */
  readonly shape: readonly [number, number, number, number];
}

/** A weight that the caller must supply as a blob file: `matrix` is [out, in], or its transpose if `transposed`. */
export interface WeightSlot {
  /** Path used in the program, such as "@model_path/weights/wq.bin". */
  readonly path: string;
  readonly shape: readonly number[];
  /** True where the kernel wants the transpose of the model's [out, in] matrix. */
  readonly transposed: boolean;
  /** First row of the model's matrix that the weight holds, for weights that hold only some of them. Default 0. */
  readonly firstRow?: number;
  /** Dtype of the blob where it is not that of the kernel's activations. */
  readonly dtype?: DType;
}

export interface Kernel<
  Input extends string = string,
  Output extends string = string,
  Weight extends string = string,
> {
  readonly name: string;
  readonly program: Program;
  readonly inputs: Readonly<Record<Input, Slot>>;
  readonly outputs: Readonly<Record<Output, Slot>>;
  readonly weights: Readonly<Record<Weight, WeightSlot>>;
  /** Complete blob files by path; they depend on the configuration only, so kernels share them: not to be changed. */
  readonly constants: ReadonlyMap<string, Uint8Array>;
}

/** A weight that is a part of an input surface: `matrix` is [out, in], or its transpose if `transposed`. */
export interface StagedWeight {
  readonly slot: Slot;
  /** True where the surface holds the transpose of the model's [out, in] matrix. */
  readonly transposed: boolean;
}

/** A kernel that reads its weights from its input surface: it is compiled once, whatever they are. */
export interface DynamicKernel<
  Input extends string = string,
  Output extends string = string,
  Weight extends string = string,
> extends Kernel<Input, Output, never> {
  readonly staged: Readonly<Record<Weight, StagedWeight>>;
}
