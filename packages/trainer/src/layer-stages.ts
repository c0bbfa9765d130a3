/**
 * The kernels of one layer and the surfaces they work on. A layer owns every surface that its weight gradients read: they run
 * behind the step, and nothing overwrites their operands before the end of the micro-step. The others serve all layers.
 */
import type { Device, Surface } from "@ane/ane-runtime";
import type { LayerParameters } from "@ane/llama-model";
import type { Kernel, LlamaKernels, WeightSlot } from "@ane/mil-builder";
import { KernelStage, type StageSurfaces } from "./kernel-stage.js";
import type { Surfaces } from "./surfaces.js";
import { WeightFile } from "./weight-file.js";

type StageOf<K> = K extends Kernel<infer Input, infer Output> ? KernelStage<Input, Output> : never;

export type LayerStages = { readonly [Name in keyof LlamaKernels]: StageOf<LlamaKernels[Name]> };

/** Surfaces that hold nothing from one layer to the next. */
export interface SharedSurfaces {
  /** x of both forward kernels. */
  readonly x: Surface;
  readonly sdpaBwd1Out: Surface;
  readonly sdpaBwd2: StageSurfaces;
  readonly qkvBwdOut: Surface;
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

export interface LayerSetting {
  readonly device: Device;
  readonly kernels: LlamaKernels;
  readonly surfaces: Surfaces;
  readonly shared: SharedSurfaces;
  readonly dtype: "fp16" | "fp32";
}

/** @param parameters The layer's tensors in the arena, which its weight files are made from. */
export function createLayerStages(
  { device, kernels, surfaces, shared, dtype }: LayerSetting,
  parameters: LayerParameters,
  layer: number,
): LayerStages {
  const input = (kernel: Kernel) => surfaces.forInput(kernel);
  const output = (kernel: Kernel) => surfaces.forOutput(kernel);
  const stage = <Input extends string, Output extends string>(
    kernel: Kernel<Input, Output>,
    io: StageSurfaces,
    norm?: Float32Array,
  ) => {
    const files = Object.entries<WeightSlot>(kernel.weights).map(([name, slot]) => {
      const source = name === "norm" ? norm : parameters[name as keyof LayerParameters];
      return new WeightFile(slot, source!, dtype);
    });
    return new KernelStage(device, kernel, `${kernel.name}[${layer}]`, io, files);
  };
  const { fwdAttn, fwdFFN, ffnBwd, sdpaBwd1, sdpaBwd2, qkvBwd } = kernels;
  return {
    fwdAttn: stage(fwdAttn, { input: shared.x, output: output(fwdAttn) }, parameters.attentionNorm),
    fwdFFN: stage(fwdFFN, { input: shared.x, output: output(fwdFFN) }, parameters.ffnNorm),
    ffnBwd: stage(ffnBwd, { input: input(ffnBwd), output: output(ffnBwd) }),
    sdpaBwd1: stage(sdpaBwd1, { input: input(sdpaBwd1), output: shared.sdpaBwd1Out }),
    sdpaBwd2: stage(sdpaBwd2, shared.sdpaBwd2),
    qkvBwd: stage(qkvBwd, { input: input(qkvBwd), output: shared.qkvBwdOut }),
  };
}
