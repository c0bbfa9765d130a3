/**
 * A micro-step, forward and backward of one sequence, as every pipeline does it: the residual stream and its gradient stay
 * fp32 on the CPU; each half of a layer adds to them what its kernels compute on the device; the classifier is the CPU's, and
 * so is, behind the device's work, every dW. Streams are channel-first [D, S].
 */
import { embeddingGather, embeddingScatterAdd } from "@ane/accel-ops";
import type { Parameters } from "@ane/llama-model";
import type { ClassifierHead } from "./classifier-head.js";
import type { CompleteGradients } from "./distributed/gradient-exchange.js";
import type { LossScale } from "./loss-scale.js";
import type { Tokens } from "./pipeline.js";
import { BLOCKS_PER_LAYER, LAYERS_IN_FLIGHT, type ResidualBlock } from "./residual-block.js";
import type { StepClock } from "./step-clock.js";
import type { UnderflowMeter } from "./underflow-meter.js";
import type { WeightGradients } from "./weight-gradients.js";

export interface MicroStepOptions {
  readonly parameters: Parameters;
  readonly gradients: Parameters;
  readonly weightGradients: WeightGradients;
  readonly head: ClassifierHead;
  /** Of all layers in order: attention, feed-forward, attention, … */
  readonly blocks: readonly ResidualBlock[];
  readonly S: number;
  readonly lossScale: Pick<LossScale, "value">;
  /** Sees the gradient that each block's backward is given. */
  readonly underflow: UnderflowMeter;
}

export class MicroStep {
  readonly #options: MicroStepOptions;
  /** The stream before each block, kept for its backward, and the one that the head reads. */
  readonly #streams: readonly Float32Array[];
  readonly #dx: Float32Array;

  constructor(options: MicroStepOptions) {
    const length = options.parameters.config.dim * options.S;
    this.#options = options;
    this.#streams = Array.from([...options.blocks, "head"], () => new Float32Array(length));
    this.#dx = new Float32Array(length);
  }

  /** See `Pipeline.microStep`. */
  run(
    tokens: Tokens,
    targets: Tokens,
    clock: StepClock,
    accumulate: boolean,
    complete?: CompleteGradients,
  ): number {
    const { parameters, gradients, weightGradients, head, blocks, lossScale, underflow } =
      this.#options;
    const [streams, dx] = [this.#streams, this.#dx];
    const { dim } = parameters.config;
    const [table, dTable] = [parameters.tokenEmbedding, gradients.tokenEmbedding];

    weightGradients.begin(accumulate);
    embeddingGather({ table, tokens, out: streams[0]!, dim, layout: "channelFirst" });
    clock.charge("elementwise");
    blocks.forEach((block, i) => {
      block.forward(streams[i]!, streams[i + 1]!, clock);
    });
    const loss = head.forwardBackward(streams.at(-1)!, targets, dx, lossScale.value, clock);
    const queuedAfter: number[] = [];
    let layersLeft = parameters.config.layers;
    /** Blocks from `first` on have all their weight gradients. */
    const completeFrom = (first: number) => {
      while ((layersLeft - 1) * BLOCKS_PER_LAYER >= first) {
        layersLeft -= 1;
        complete?.layer(layersLeft);
      }
    };
    for (let i = blocks.length - 1; i >= 0; i--) {
      const behind = i + LAYERS_IN_FLIGHT * BLOCKS_PER_LAYER;
      weightGradients.waitFor(queuedAfter[behind] ?? 0);
      clock.charge("weightGradient");
      completeFrom(behind);
      underflow.add(dx);
      blocks[i]!.backward(streams[i]!, dx, clock);
      queuedAfter[i] = weightGradients.queued;
    }
    weightGradients.wait();
    clock.charge("weightGradient");
    completeFrom(0);
    embeddingScatterAdd({ dTable, tokens, dx, dim, layout: "channelFirst" });
    complete?.rest();
    clock.charge("elementwise");
    return loss;
  }
}
