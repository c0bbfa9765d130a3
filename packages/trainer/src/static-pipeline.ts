/**
 * The static pipeline: weights are constants of the kernels, six per layer, which are compiled anew after each update. RMSNorm is
 * part of the forward kernels; its backward is the CPU's.
 */
import type { Device } from "@ane/ane-runtime";
import { kernelConfig } from "@ane/llama-model";
import { llamaKernels } from "@ane/mil-builder";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import type { CompleteGradients } from "./distributed/gradient-exchange.js";
import { KernelSet } from "./kernel-set.js";
import type { MicroStep } from "./micro-step.js";
import { NumericWatch } from "./numeric-watch.js";
import type { Inputs, Pipeline, Tokens } from "./pipeline.js";
import { PipelineParts } from "./pipeline-parts.js";
import { LAYERS_IN_FLIGHT } from "./residual-block.js";
import type { LlamaRecipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { StaticAttention } from "./static-attention.js";
import { StaticFFN } from "./static-ffn.js";
import {
  createBackwardSurfaces,
  createSharedSurfaces,
  createStaticStages,
} from "./static-stages.js";
import type { StepClock } from "./step-clock.js";
import { StepCounters } from "./step-counters.js";
import type { UnderflowMeter } from "./underflow-meter.js";
import { WeightMemory } from "./weight-memory.js";

export class StaticPipeline implements Pipeline {
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
    const { model, seq: seqLen, numerics: dtype } = recipe;
    const { counters, watch } = this;
    const kernels = llamaKernels(kernelConfig(model, { seqLen, dtype }));
    const parts = new PipelineParts({ device, recipe, state, counters, vocabulary });
    const { surfaces } = parts;
    const shared = createSharedSurfaces(surfaces, kernels);
    const backward = Array.from({ length: LAYERS_IN_FLIGHT }, () =>
      createBackwardSurfaces(surfaces, kernels),
    );
    const weightMemory = new WeightMemory();
    const setting = {
      device,
      kernels,
      surfaces,
      shared,
      backward,
      weightMemory,
      dtype,
      counters,
      watch,
    };
    const layers = Array.from({ length: model.layers }, (_, l) => {
      const { stages, executables } = createStaticStages(setting, parts.parameters.layer(l), l);
      const blocks = [
        new StaticAttention(stages, parts.blockContext(l, "attentionNorm")),
        new StaticFFN(stages, parts.blockContext(l, "ffnNorm")),
      ];
      return { executables, blocks };
    });
    this.#parts = parts;
    this.#kernels = new KernelSet(layers.flatMap(({ executables }) => executables));
    this.#microStep = parts.microStep(layers.flatMap(({ blocks }) => blocks));
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
    inputs: Inputs,
    targets: Tokens,
    clock: StepClock,
    accumulate: boolean,
    complete?: CompleteGradients,
  ): number {
    return this.#microStep.run(inputs, targets, clock, accumulate, complete);
  }

  [Symbol.dispose](): void {
    this.#kernels[Symbol.dispose]();
    this.#parts[Symbol.dispose]();
  }
}
