/** Which block of a tensor an element is in. */
import { denseStrides } from "./strided.js";

/** Blocks are equal boxes, `counts[axis]` of them along each axis (a divisor of the dim), numbered in row-major order. */
export class BlockIndex {
  readonly #shape: readonly number[];
  readonly #strides: readonly number[];
  readonly #sizes: readonly number[];
  readonly #blockStrides: readonly number[];
  /** So many consecutive elements from a multiple of it are in one block. */
  readonly #run: number;
  /** The run asked for last, and its block: callers mostly go through a tensor in order. */
  #lastRun = -1;
  #lastBlock = 0;

  constructor(shape: readonly number[], counts: readonly number[]) {
    this.#shape = shape;
    this.#strides = denseStrides(shape);
    this.#sizes = shape.map((dim, axis) => dim / counts[axis]!);
    this.#blockStrides = denseStrides(counts);
    const split = Math.max(
      counts.findLastIndex((count) => count > 1),
      0,
    );
    this.#run = this.#sizes[split]! * this.#strides[split]!;
  }

  /** The block of the element with a flat index. */
  at(index: number): number {
    const run = Math.floor(index / this.#run);
    if (run !== this.#lastRun) {
      this.#lastRun = run;
      this.#lastBlock = this.#find(index);
    }
    return this.#lastBlock;
  }

  #find(index: number): number {
    let block = 0;
    for (let axis = 0; axis < this.#shape.length; axis++) {
      const position = Math.floor(index / this.#strides[axis]!) % this.#shape[axis]!;
      block += Math.floor(position / this.#sizes[axis]!) * this.#blockStrides[axis]!;
    }
    return block;
  }
}
