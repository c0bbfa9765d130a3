/**
 * The static kernels of one layer and the surfaces they work on. A layer owns what its forward kernels leave for the backward
 * pass; what backward kernels leave for the weight gradients, which run behind the step, lies in surfaces that it has in common
 * with the layers LAYERS_IN_FLIGHT away; the others serve all layers.
 */
import type { Device, Surface } from "@ane/ane-runtime";
import type { LayerParameters } from "@ane/llama-model";
import type { Kernel, LlamaKernels, WeightSlot } from "@ane/mil-builder";
import { CompilableKernel } from "./compilable-kernel.js";
import { KernelStage, type StageSurfaces } from "./kernel-stage.js";
import type { NumericWatch } from "./numeric-watch.js";
import type { StepCounters } from "./step-counters.js";
import type { Surfaces } from "./surfaces.js";
import { WeightFile } from "./weight-file.js";
import type { WeightMemory } from "./weight-memory.js";

type StageOf<K> = K extends Kernel<infer Input, infer Output> ? KernelStage<Input, Output> : never;

export type StaticStages = { readonly [Name in keyof LlamaKernels]: StageOf<LlamaKernels[Name]> };

/** Surfaces that hold nothing from one layer to the next. */
export interface SharedSurfaces {
  /** x of both forward kernels. */
  readonly x: Surface;
  readonly sdpaBwd1Out: Surface;
  readonly sdpaBwd2: StageSurfaces;
  readonly qkvBwdOut: Surface;
}

/** Surfaces of a layer's backward kernels that its weight gradients read. */
export interface BackwardSurfaces {
  readonly ffnBwd: StageSurfaces;
  readonly sdpaBwd1In: Surface;
  readonly qkvBwdIn: Surface;
}

export function createBackwardSurfaces(
  surfaces: Surfaces,
  { ffnBwd, sdpaBwd1, qkvBwd }: LlamaKernels,
): BackwardSurfaces {
  return {
    ffnBwd: { input: surfaces.forInput(ffnBwd), output: surfaces.forOutput(ffnBwd) },
    sdpaBwd1In: surfaces.forInput(sdpaBwd1),
    qkvBwdIn: surfaces.forInput(qkvBwd),
  };
}

export function createSharedSurfaces(surfaces: Surfaces, kernels: LlamaKernels): SharedSurfaces {
  const { fwdAttn, sdpaBwd1, sdpaBwd2, qkvBwd } = kernels;
  return {
    x: surfaces.forInput(fwdAttn),
    sdpaBwd1Out: surfaces.forOutput(sdpaBwd1),
    sdpaBwd2: { input: surfaces.forInput(sdpaBwd2), output: surfaces.forOutput(sdpaBwd2) },
    qkvBwdOut: surfaces.forOutput(qkvBwd),
  };
}

export interface StaticSetting {
  readonly device: Device;
  readonly kernels: LlamaKernels;
  readonly surfaces: Surfaces;
  readonly shared: SharedSurfaces;
  /** One for each layer in flight. */
  readonly backward: readonly BackwardSurfaces[];
  readonly weightMemory: WeightMemory;
  readonly dtype: "fp16" | "fp32";
  readonly counters: StepCounters;
  readonly watch: NumericWatch;
}

/**
 * @param parameters The layer's tensors in the arena, which its weight files are made from.
 * @returns The stages, and what is to be compiled for them.
 */
export function createStaticStages(
  {
    device,
    kernels,
    surfaces,
    shared,
    backward,
    weightMemory,
    dtype,
    counters,
    watch,
  }: StaticSetting,
  parameters: LayerParameters,
  layer: number,
): { stages: StaticStages; executables: readonly CompilableKernel[] } {
  const executables: CompilableKernel[] = [];
  const own = backward[layer % backward.length]!;
  const output = (kernel: Kernel) => surfaces.forOutput(kernel);
  const stage = <Input extends string, Output extends string>(
    kernel: Kernel<Input, Output>,
    io: StageSurfaces,
    norm?: Float32Array,
  ) => {
    const files = Object.entries<WeightSlot>(kernel.weights).map(([name, slot]) => {
      const source = name === "norm" ? norm : parameters[name as keyof LayerParameters];
      return new WeightFile(slot, source!, dtype, weightMemory);
    });
    const executable = new CompilableKernel(device, kernel, `${kernel.name}[${layer}]`, files);
    executables.push(executable);
    return new KernelStage(kernel, executable, io, { counters, watch }, layer);
  };
  const { fwdAttn, fwdFFN, ffnBwd, sdpaBwd1, sdpaBwd2, qkvBwd } = kernels;
  const stages = {
    fwdAttn: stage(fwdAttn, { input: shared.x, output: output(fwdAttn) }, parameters.attentionNorm),
    fwdFFN: stage(fwdFFN, { input: shared.x, output: output(fwdFFN) }, parameters.ffnNorm),
    ffnBwd: stage(ffnBwd, own.ffnBwd),
    sdpaBwd1: stage(sdpaBwd1, { input: own.sdpaBwd1In, output: shared.sdpaBwd1Out }),
    sdpaBwd2: stage(sdpaBwd2, shared.sdpaBwd2),
    qkvBwd: stage(qkvBwd, { input: own.qkvBwdIn, output: shared.qkvBwdOut }),
  };
  return { stages, executables };
}
