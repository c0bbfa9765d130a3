/**
 * A micro-step, forward and backward of one example, as every pipeline does it: the streams between the blocks and their gradient
 * are fp32 on the CPU; each block computes on the device; embedding and head are the CPU's, and so is, behind the device's work,
 * every dW. Streams are channel-first: [D, S] in text.
 */
import type { CompleteGradients } from "./distributed/gradient-exchange.js";
import type { LossScale } from "./loss-scale.js";
import type { Inputs, Tokens } from "./pipeline.js";
import { type Block, LAYERS_IN_FLIGHT } from "./residual-block.js";
import type { StepClock } from "./step-clock.js";
import type { UnderflowMeter } from "./underflow-meter.js";
import type { WeightGradients } from "./weight-gradients.js";

/** Makes the first stream of what a model is given. */
export interface Embedding {
  forward(inputs: Inputs, out: Float32Array): void;
  /** Adds the gradients of its parameters. @param dx Of the stream. */
  backward(inputs: Inputs, dx: Float32Array): void;
}

/** Makes the loss of the last stream. */
export interface Head {
  /**
   * @param targets One for each position of text, or for each example.
   * @param dx Receives the gradient of x, times lossScale.
   * @returns Mean loss, nats per target.
   */
  forwardBackward(
    x: Float32Array,
    targets: Tokens,
    dx: Float32Array,
    lossScale: number,
    clock: StepClock,
  ): number;
}

export interface MicroStepOptions {
  readonly embedding: Embedding;
  readonly weightGradients: WeightGradients;
  readonly head: Head;
  /** Of all layers in order. */
  readonly blocks: readonly Block[];
  /** Elements of each stream: before each block, and after the last. */
  readonly streamLengths: readonly number[];
  /** Of a layer, each as many. */
  readonly blocksPerLayer: number;
  readonly lossScale: Pick<LossScale, "value">;
  /** Sees the gradient that each block's backward is given. */
  readonly underflow: UnderflowMeter;
}

export class MicroStep {
  readonly #options: MicroStepOptions;
  /** The stream before each block, kept for its backward, and the one that the head reads. */
  readonly #streams: readonly Float32Array[];
  /** Room for the gradient of any stream, and that of each in it. */
  readonly #dx: Float32Array;
  readonly #gradients: readonly Float32Array[];

  constructor(options: MicroStepOptions) {
    const { streamLengths } = options;
    this.#options = options;
    this.#streams = streamLengths.map((length) => new Float32Array(length));
    this.#dx = new Float32Array(Math.max(...streamLengths));
    this.#gradients = streamLengths.map((length) => this.#dx.subarray(0, length));
  }

  /** See `Pipeline.microStep`. */
  run(
    inputs: Inputs,
    targets: Tokens,
    clock: StepClock,
    accumulate: boolean,
    complete?: CompleteGradients,
  ): number {
    const { embedding, weightGradients, head, blocks, blocksPerLayer, lossScale, underflow } =
      this.#options;
    const [streams, gradients] = [this.#streams, this.#gradients];

    weightGradients.begin(accumulate);
    embedding.forward(inputs, streams[0]!);
    clock.charge("elementwise");
    blocks.forEach((block, i) => {
      block.forward(streams[i]!, streams[i + 1]!, clock);
    });
    const loss = head.forwardBackward(
      streams.at(-1)!,
      targets,
      gradients.at(-1)!,
      lossScale.value,
      clock,
    );
    const queuedAfter: number[] = [];
    let layersLeft = blocks.length / blocksPerLayer;
    /** Blocks from `first` on have all their weight gradients. */
    const completeFrom = (first: number) => {
      while ((layersLeft - 1) * blocksPerLayer >= first) {
        layersLeft -= 1;
        complete?.layer(layersLeft);
      }
    };
    for (let i = blocks.length - 1; i >= 0; i--) {
      const behind = i + LAYERS_IN_FLIGHT * blocksPerLayer;
      weightGradients.waitFor(queuedAfter[behind] ?? 0);
      clock.charge("weightGradient");
      completeFrom(behind);
      underflow.add(gradients[i + 1]!);
      blocks[i]!.backward(streams[i]!, this.#dx, clock);
      queuedAfter[i] = weightGradients.queued;
    }
    weightGradients.wait();
    clock.charge("weightGradient");
    completeFrom(0);
    embedding.backward(inputs, gradients[0]!);
    complete?.rest();
    clock.charge("elementwise");
    return loss;
  }
}
