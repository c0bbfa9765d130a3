/**
 * The input surface of a block's dynamic kernels, [1, C, 1, W]: activations in the left S columns, weights in columns of D
 * to the right of them, both one below the other on the channel axis. Every matrix of a layer has one side D, so every
 * matrix, or its transpose, is D wide. Forward and backward read the same weights, so both take the same surface, and what one
 * of them leaves in its slots stays there for the weight gradients.
 *
 *     column  0          S                     S + D
 *             ┌──────────┬─────────────────────┐ channel 0
 *             │ xn  D    │ wq   QD             │
 *             │ do  D    ├─────────────────────┤
 *             │ q   QD   │ wk   KD             │
 *             │ …        │ …                   │
 *
 * Weights start in column S, far from column 4095, at which slices are reported to give infinities before A16 (ANEForge); a
 * stack of weights that would pass 16384 channels (libane's limit) goes on in the next D columns.
 */
import type { Slot, StagedWeight } from "../../kernel.js";
import type { KernelDims } from "../config.js";
import { keysOf } from "../slots.js";

export const MAX_CHANNELS = 16384;
/** A row fills whole 64-byte lines in fp16. */
const ROW_ELEMENTS = 32;

/** A matrix of the model, [out, in], by the side that is not D. */
export interface MatrixRows {
  readonly rows: number;
  /** True for [D, rows]: the surface holds its transpose. */
  readonly transposed: boolean;
}

export interface PackedSurface<Activation extends string, Weight extends string> {
  readonly shape: readonly [1, number, 1, number];
  readonly activations: Readonly<Record<Activation, Slot>>;
  readonly weights: Readonly<Record<Weight, StagedWeight>>;
}

/** Lays out activations by their channels and weights by their rows, in the order of the records. */
export function packedSurface<Activation extends string, Weight extends string>(
  { S, D }: KernelDims,
  activations: Readonly<Record<Activation, number>>,
  weights: Readonly<Record<Weight, MatrixRows>>,
): PackedSurface<Activation, Weight> {
  const left = new Stack(0, S);
  const right = new Stack(S, D);
  const slots: Partial<Record<Activation, Slot>> = {};
  for (const name of keysOf(activations)) slots[name] = left.place(activations[name]);
  const staged: Partial<Record<Weight, StagedWeight>> = {};
  for (const name of keysOf(weights)) {
    const { rows, transposed } = weights[name];
    staged[name] = { slot: right.place(rows), transposed };
  }
  const width = Math.ceil(right.end / ROW_ELEMENTS) * ROW_ELEMENTS;
  return {
    shape: [1, Math.max(left.height, right.height), 1, width],
    activations: slots as Record<Activation, Slot>,
    weights: staged as Record<Weight, StagedWeight>,
  };
}

/** Blocks of one width, one below the other; the next ones beside them where the channels would not suffice. */
export class Stack {
  readonly #width: number;
  #column: number;
  #channel = 0;
  /** Channels of the highest stack. */
  height = 0;

  constructor(column: number, width: number) {
    this.#column = column;
    this.#width = width;
  }

  /** First column behind all blocks. */
  get end(): number {
    return this.#column + this.#width;
  }

  place(size: number): Slot {
    if (this.#channel > 0 && this.#channel + size > MAX_CHANNELS) {
      this.#column += this.#width;
      this.#channel = 0;
    }
    const start = this.#channel;
    this.#channel += size;
    this.height = Math.max(this.height, this.#channel);
    const shape = [1, size, 1, this.#width] as const;
    return { port: "x", axis: "channel", start, size, column: this.#column, shape };
  }
}
