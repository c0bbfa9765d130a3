/** What training derives from the layers of a model: for people to read, before they train it. */
import { print } from "@ane/mil-builder";
import type { TrainingKernels } from "@ane/mil-builder/autodiff";
import { DefinedKernels, defaultPipeline, type KernelOptions } from "./defined-kernels.js";
import { loadDefinition } from "./load-definition.js";

/** A layer type of a model, with its kernels. */
export interface LayerDescription {
  readonly name: string;
  /** Where it stands in the model, from 0. */
  readonly layers: readonly number[];
  /** What is saved, what is computed again, how each weight gradient is made, and what the verifier finds. */
  readonly explanation: string;
  /** The forward kernel, then the backward ones, as MIL. */
  readonly kernels: readonly { readonly name: string; readonly mil: string }[];
}

/**
 * Derives the kernels of the model that a module defines, and trains nothing.
 * @param path Of the module.
 * @param options Default: the pipeline that a run would take, in fp16.
 * @throws OptionError naming what is wrong with the module, its model, a layer or a parameter
 */
export async function describeLayers(
  path: string,
  options: Partial<KernelOptions> = {},
): Promise<LayerDescription[]> {
  const definition = await loadDefinition(path);
  const pipeline = defaultPipeline(definition.record);
  const all = new DefinedKernels(definition, { pipeline, dtype: "fp16", ...options }).layers;
  return [...new Set(all)].map((kernels) => ({
    name: definition.layers[all.indexOf(kernels)]!.layer.name,
    layers: all.flatMap((own, index) => (own === kernels ? [index] : [])),
    explanation: kernels.explain(),
    kernels: kernelsOf(kernels),
  }));
}

function kernelsOf({ forward, backward }: TrainingKernels): LayerDescription["kernels"] {
  return [forward, ...backward].map(({ name, program }) => ({ name, mil: print(program) }));
}
