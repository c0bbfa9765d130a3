/** Begins the sums over the ranks as soon as a part of the gradients is complete, while the backward of earlier layers goes on. */
import type { ModelRecord } from "../model-record.js";
import { type GradientParts, gradientParts, type Range } from "./gradient-parts.js";
import type { Peers } from "./peers.js";

/** Told by a micro-step what it will not change any more. */
export interface CompleteGradients {
  /** The matrices of a layer, all its weight gradients included. */
  layer(index: number): void;
  /** Whatever is left, all at once. */
  rest(): void;
}

export class GradientExchange implements CompleteGradients {
  readonly #peers: Peers;
  readonly #parts: GradientParts;

  constructor(peers: Peers, model: ModelRecord) {
    this.#peers = peers;
    this.#parts = gradientParts(model);
  }

  layer(index: number): void {
    this.#addUp(this.#parts.layers[index]!);
  }

  rest(): void {
    this.#addUp(this.#parts.rest);
  }

  #addUp(ranges: readonly Range[]): void {
    for (const [start, end] of ranges) this.#peers.addUp(start, end);
  }
}
