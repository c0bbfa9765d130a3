/**
 * From the forward pass of a layer to the kernels that train it: a forward kernel that also returns what the backward pass wants of
 * it, backward kernels, and how the gradients of the parameters follow from what these exchange. Gradients are linear in those of
 * the outputs, so a loss scale may be in these.
 */
import { assembleKernels } from "./assemble-kernels.js";
import { DeriveError } from "./derive-error.js";
import { expectOptions } from "./expect-options.js";
import { KernelSet } from "./kernel-set.js";
import { LayerTensors } from "./layer-tensors.js";
import type { KernelsPlan } from "./plan-kernels.js";
import { splitAsAsked, splitBackward } from "./split-backward.js";
import type { DeriveOptions, LayerDefinition, TrainingKernels } from "./types.js";

/** @throws DeriveError or GradientError naming the layer, ShapeError of the layer's own ops */
export function deriveTraining<
  Input extends string,
  Output extends string,
  Parameter extends string,
  Constant extends string,
>(
  definition: LayerDefinition<Input, Output, Parameter, Constant>,
  options: DeriveOptions,
): TrainingKernels {
  // The names are the author's affair from here on.
  const layer = definition as unknown as LayerDefinition;
  expectOptions(layer, options);
  const { name } = layer;
  if (options.packing === "ports" && options.pipeline === "dynamic") {
    throw new DeriveError(
      "layer",
      `${name}: kernels with every tensor in a port of its own have constant weights, got the dynamic pipeline. Use packing "surface", or the static pipeline.`,
    );
  }
  const tensors = new LayerTensors(layer, options);
  const { problem } = tensors;
  const sets = new Map<KernelsPlan, KernelSet>();
  const setOf = (plan: KernelsPlan) => {
    const set = sets.get(plan) ?? new KernelSet(tensors, plan);
    sets.set(plan, set);
    return set;
  };
  const { cutAfter, chip } = options;
  const split = cutAfter
    ? splitAsAsked(
        name,
        problem,
        cutAfter.map((group) => group.map((of) => tensors.gradient(of))),
      )
    : splitBackward(
        name,
        problem,
        (plan, kernel) => setOf(plan).findings(kernel),
        chip !== undefined,
      );
  const set = setOf(split.plan);
  const fatal = set.findings("forward").filter(({ severity }) => severity === "error");
  if (chip !== undefined && fatal.length > 0) {
    const list = fatal.map(({ where, message }) => `${where}: ${message}`).join("; ");
    throw new DeriveError(
      "device",
      `${name}: the forward kernel must keep the rules of ${chip}, got ${list}. ${fatal[0]!.remedy}`,
      fatal,
    );
  }
  return assembleKernels(tensors, split, set);
}
