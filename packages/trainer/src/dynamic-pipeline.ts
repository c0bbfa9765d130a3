/**
 * The dynamic pipeline: weights are inputs of the kernels, staged beside the activations in each layer's surfaces after an update.
 * Four kernels, compiled once per process, serve all layers, so a run never needs another process. RMSNorm is the CPU's, in
 * fp32.
 */
import type { Device } from "@ane/ane-runtime";
import { kernelConfig } from "@ane/llama-model";
import { dynamicKernels } from "@ane/mil-builder";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import { CompilableKernel } from "./compilable-kernel.js";
import type { CompleteGradients } from "./distributed/gradient-exchange.js";
import { DynamicAttention } from "./dynamic-attention.js";
import { DynamicFFN } from "./dynamic-ffn.js";
import { createBackwardOutputs, createDynamicStages } from "./dynamic-stages.js";
import { KernelSet } from "./kernel-set.js";
import type { MicroStep } from "./micro-step.js";
import { NumericWatch } from "./numeric-watch.js";
import type { Inputs, Pipeline, Tokens } from "./pipeline.js";
import { PipelineParts } from "./pipeline-parts.js";
import { LAYERS_IN_FLIGHT } from "./residual-block.js";
import type { LlamaRecipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import type { StepClock } from "./step-clock.js";
import { StepCounters } from "./step-counters.js";
import type { UnderflowMeter } from "./underflow-meter.js";

export class DynamicPipeline implements Pipeline {
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
    const kernels = dynamicKernels(kernelConfig(model, { seqLen, dtype }));
    const parts = new PipelineParts({ device, recipe, state, counters, vocabulary });
    const executables = {
      attnFwd: new CompilableKernel(device, kernels.attnFwd),
      ffnFwd: new CompilableKernel(device, kernels.ffnFwd),
      ffnBwd: new CompilableKernel(device, kernels.ffnBwd),
      attnBwd: new CompilableKernel(device, kernels.attnBwd),
    };
    const { surfaces } = parts;
    const backward = Array.from({ length: LAYERS_IN_FLIGHT }, () =>
      createBackwardOutputs(surfaces, kernels),
    );
    const setting = { kernels, executables, surfaces, backward, counters, watch };
    const layers = Array.from({ length: model.layers }, (_, l) => {
      const attention = parts.blockContext(l, "attentionNorm");
      const { gradients } = attention;
      const layer = createDynamicStages(setting, parts.parameters.layer(l), gradients, l);
      const blocks = [
        new DynamicAttention(layer, attention),
        new DynamicFFN(layer.stages, parts.blockContext(l, "ffnNorm")),
      ];
      return { staged: [...layer.matrices, ...layer.headNorms], blocks };
    });
    this.#parts = parts;
    this.#kernels = new KernelSet(
      Object.values(executables),
      layers.flatMap(({ staged }) => staged),
    );
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
