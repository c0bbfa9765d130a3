/**
 * The dynamic kernels at work in one layer: compiled once for all layers, on surfaces of the layer's own. A block's forward and
 * backward kernels share the input surface that holds its weights. What its backward kernels leave for the weight gradients, which run behind the
 * step, lies in surfaces that it has in common with the layers LAYERS_IN_FLIGHT away.
 */
import type { Surface } from "@ane/ane-runtime";
import type { LayerParameters } from "@ane/llama-model";
import type { DynamicKernel, DynamicKernels, Kernel } from "@ane/mil-builder";
import type { CompilableKernel } from "./compilable-kernel.js";
import { HeadNorm } from "./head-norm.js";
import { KernelStage } from "./kernel-stage.js";
import type { NumericWatch } from "./numeric-watch.js";
import { StagedMatrix } from "./staged-matrix.js";
import type { StepCounters } from "./step-counters.js";
import type { Surfaces } from "./surfaces.js";

type StageOf<K> = K extends Kernel<infer Input, infer Output> ? KernelStage<Input, Output> : never;

export type DynamicStages = {
  readonly [Name in keyof DynamicKernels]: StageOf<DynamicKernels[Name]>;
};

type MatrixName =
  | keyof DynamicKernels["attnFwd"]["staged"]
  | keyof DynamicKernels["ffnFwd"]["staged"];

/** Outputs of a layer's backward kernels, which its weight gradients read. */
export type BackwardOutputs = Readonly<Record<"ffnBwd" | "attnBwd", Surface>>;

export function createBackwardOutputs(
  surfaces: Surfaces,
  { ffnBwd, attnBwd }: DynamicKernels,
): BackwardOutputs {
  return { ffnBwd: surfaces.forOutput(ffnBwd), attnBwd: surfaces.forOutput(attnBwd) };
}

export interface DynamicSetting {
  readonly kernels: DynamicKernels;
  readonly executables: Readonly<Record<keyof DynamicKernels, CompilableKernel>>;
  readonly surfaces: Surfaces;
  /** One for each layer in flight. */
  readonly backward: readonly BackwardOutputs[];
  readonly counters: StepCounters;
  readonly watch: NumericWatch;
}

export interface DynamicLayer {
  readonly stages: DynamicStages;
  /** The layer's matrices where the kernels read them. */
  readonly matrices: readonly StagedMatrix[];
  /** Empty without qkNorm. */
  readonly headNorms: readonly HeadNorm[];
}

/**
 * @param parameters The layer's tensors in the arena.
 * @param gradients Theirs.
 */
export function createDynamicStages(
  { kernels, executables, surfaces, backward, counters, watch }: DynamicSetting,
  parameters: LayerParameters,
  gradients: LayerParameters,
  layer: number,
): DynamicLayer {
  const { attnFwd, ffnFwd, ffnBwd, attnBwd } = kernels;
  const attention = surfaces.forInput(attnFwd);
  const ffn = surfaces.forInput(ffnFwd);
  const stage = <Input extends string, Output extends string>(
    kernel: Kernel<Input, Output>,
    executable: CompilableKernel,
    input: Surface,
    output: Surface,
  ) => new KernelStage(kernel, executable, { input, output }, { counters, watch }, layer);
  const own = backward[layer % backward.length]!;
  const staged = <Weight extends MatrixName>(
    { staged: weights }: DynamicKernel<string, string, Weight>,
    surface: Surface,
  ) =>
    (Object.keys(weights) as Weight[]).map(
      (name) => new StagedMatrix(surface, weights[name], parameters[name], counters),
    );
  const headNorm = (name: "q" | "k") => {
    const slots = attnBwd.headNorms?.[name];
    const [gains, dGains] = [parameters[`${name}Norm`], gradients[`${name}Norm`]];
    if (!slots || !gains || !dGains) return [];
    const taps = {
      gains: { surface: attention, slot: slots.gains },
      dGains: { surface: own.attnBwd, slot: slots.dGains },
    };
    return [new HeadNorm(taps, gains, dGains, counters)];
  };
  return {
    headNorms: [...headNorm("q"), ...headNorm("k")],
    stages: {
      attnFwd: stage(attnFwd, executables.attnFwd, attention, surfaces.forOutput(attnFwd)),
      ffnFwd: stage(ffnFwd, executables.ffnFwd, ffn, surfaces.forOutput(ffnFwd)),
      ffnBwd: stage(ffnBwd, executables.ffnBwd, ffn, own.ffnBwd),
      attnBwd: stage(attnBwd, executables.attnBwd, attention, own.attnBwd),
    },
    matrices: [...staged(attnFwd, attention), ...staged(ffnFwd, ffn)],
  };
}
