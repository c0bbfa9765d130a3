/**
 * The pipelines with kernels that are derived from the forward passes of the layer's halves: static, where weights are constants that
 * are compiled anew after each update, or dynamic, where they lie in the surfaces.
 */
import type { Device } from "@ane/ane-runtime";
import { kernelConfig, type LayerParameters } from "@ane/llama-model";
import { derivedLlama } from "@ane/mil-builder/autodiff";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import { DerivedBlock, ofOneStream } from "./derived-block.js";
import type { CompleteGradients } from "./distributed/gradient-exchange.js";
import { KernelSet } from "./kernel-set.js";
import { LayerBlock } from "./layers/layer-block.js";
import { type LayerViews, StageBuilder } from "./layers/layer-stages.js";
import type { MicroStep } from "./micro-step.js";
import { NumericWatch } from "./numeric-watch.js";
import type { Pipeline, Tokens } from "./pipeline.js";
import { PipelineParts } from "./pipeline-parts.js";
import type { LlamaRecipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import type { StepClock } from "./step-clock.js";
import { StepCounters } from "./step-counters.js";
import type { UnderflowMeter } from "./underflow-meter.js";

/** The halves of a layer, and the gains of the norm before each. */
const HALVES = { attention: "attentionNorm", ffn: "ffnNorm" } as const;

export class DerivedPipeline implements Pipeline {
  readonly counters = new StepCounters();
  readonly watch = new NumericWatch();
  readonly #parts: PipelineParts;
  readonly #kernels: KernelSet;
  readonly #microStep: MicroStep;

  /** Reads no parameters: they may still be another process's. @param vocabulary The classes of the loss; default: all */
  constructor(
    device: Device,
    recipe: LlamaRecipe,
    state: RunState,
    vocabulary?: CompactVocabulary,
  ) {
    const { model, seq: seqLen, numerics: dtype, pipeline } = recipe;
    const { counters, watch } = this;
    const derived = derivedLlama(kernelConfig(model, { seqLen, dtype }), pipeline);
    const kernels = { attention: ofOneStream(derived.attention), ffn: ofOneStream(derived.ffn) };
    const parts = new PipelineParts({ device, recipe, state, counters, vocabulary });
    const { surfaces } = parts;
    const observers = { counters, watch };
    const builder = new StageBuilder({ device, surfaces, pipeline, dtype, observers });
    const length = model.dim * seqLen;
    const half = (of: keyof typeof HALVES, index: number) => {
      const context = parts.blockContext(index, HALVES[of]);
      const parameters = views(parts.parameters.layer(index), HALVES[of]);
      const layer = new LayerBlock({
        kernels: kernels[of],
        stages: builder.build({ index }, kernels[of], parameters),
        residual: false,
        inputLength: length,
        outputLength: length,
        gradients: views(context.gradients, HALVES[of]),
        weightGradients: context.weightGradients,
        counters,
        scratch: context.scratch,
      });
      return new DerivedBlock(layer, context, pipeline === "dynamic");
    };
    const blocks = Array.from({ length: model.layers }, (_, l) => [
      half("attention", l),
      half("ffn", l),
    ]);
    this.#parts = parts;
    this.#kernels = new KernelSet(builder.executables, builder.staged);
    this.#microStep = parts.microStep(blocks.flat());
  }

  get underflow(): UnderflowMeter {
    return this.#parts.underflow;
  }

  get compilationsNeeded(): number {
    return this.#kernels.compilationsNeeded;
  }

  prepare(): number {
    return this.#kernels.prepare();
  }

  microStep(
    tokens: Tokens,
    targets: Tokens,
    clock: StepClock,
    accumulate: boolean,
    complete?: CompleteGradients,
  ): number {
    return this.#microStep.run(tokens, targets, clock, accumulate, complete);
  }

  [Symbol.dispose](): void {
    this.#kernels[Symbol.dispose]();
    this.#parts[Symbol.dispose]();
  }
}

/** The tensors of a layer by the names that the kernels have for them. */
function views(layer: LayerParameters, norm: (typeof HALVES)[keyof typeof HALVES]): LayerViews {
  const { [norm]: gains } = layer;
  return { ...layer, norm: gains };
}
