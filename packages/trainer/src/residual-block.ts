/**
 * What stands between two streams of a model; in a Llama half of a layer, attention or feed-forward: x + f(RMSNorm(x)), with streams
 * channel-first, [D, S].
 */
import { add, rmsNormBackward, rmsNormForward } from "@ane/accel-ops";
import type { LayerParameters } from "@ane/llama-model";
import type { StepClock } from "./step-clock.js";
import { PER_ELEMENT, type StepCounters } from "./step-counters.js";
import type { WeightGradients } from "./weight-gradients.js";

/**
 * Layers whose weight gradients may be under way at once. Backward surfaces that those read exist so many times, and a layer
 * uses those of the layer so many further on: more would cost memory and leave the cache, one would have to wait.
 */
export const LAYERS_IN_FLIGHT = 2;

/** Halves of a layer. */
export const BLOCKS_PER_LAYER = 2;

export interface Block {
  forward(x: Float32Array, out: Float32Array, clock: StepClock): void;
  /**
   * Turns dx from the gradient of `out` into that of x, and queues the block's weight gradients.
   * @param dx Has room for the longer of the two, which begin with its first element.
   */
  backward(x: Float32Array, dx: Float32Array, clock: StepClock): void;
}

/** out = x + f(RMSNorm(x)) */
export type ResidualBlock = Block;

/** What a block works with beside its kernels. */
export interface BlockContext {
  readonly residual: ResidualPath;
  /** Of the block's layer. */
  readonly gradients: LayerParameters;
  readonly weightGradients: WeightGradients;
  /** A tensor [D, S] on its way between kernel and stream; all blocks share it. */
  readonly scratch: Float32Array;
}

/** What surrounds a block's kernels, in fp32: RMSNorm before them, the sum with the stream after them, and the backward of both. */
export class ResidualPath {
  readonly #shape: { rows: number; dim: number; eps: number; layout: "channelFirst" };
  readonly #weight: Float32Array;
  readonly #dWeight: Float32Array;
  readonly #counters: StepCounters;

  /** @param weight Gains of the norm, [D] @param dWeight Their gradient, which `backward` adds to. */
  constructor(
    { S, eps }: { readonly S: number; readonly eps: number },
    weight: Float32Array,
    dWeight: Float32Array,
    counters: StepCounters,
  ) {
    this.#shape = { rows: S, dim: weight.length, eps, layout: "channelFirst" };
    this.#weight = weight;
    this.#dWeight = dWeight;
    this.#counters = counters;
  }

  /** out = RMSNorm(x) */
  normalize(x: Float32Array, out: Float32Array): void {
    rmsNormForward({ ...this.#shape, x, weight: this.#weight, out });
    this.#counters.cpu(PER_ELEMENT.rmsNormForward * x.length);
  }

  /** out = x + y */
  add(x: Float32Array, y: Float32Array, out: Float32Array): void {
    add(x, y, out);
    this.#counters.cpu(PER_ELEMENT.add * x.length);
  }

  /** dx += the gradient of x that follows from dOut, that of the normalized x; past the norm, dx goes as it is. */
  backward(x: Float32Array, dOut: Float32Array, dx: Float32Array): void {
    const [weight, dWeight] = [this.#weight, this.#dWeight];
    rmsNormBackward({ ...this.#shape, x, weight, dOut, dx, dWeight, accumulate: true });
    this.#counters.cpu(PER_ELEMENT.rmsNormBackward * x.length);
  }
}
