/** A layer of the pipelines with derived kernels: what layer-block.ts and derived-block.ts do with them, layer-stages.ts gives them. */
import type { LlamaKernelConfig } from "@ane/mil-builder";
import {
  type DerivedKernel,
  derivedLlama,
  type Place,
  type TrainingKernels,
} from "@ane/mil-builder/autodiff";
import type { PipelineName } from "../events.js";
import { isReadLater } from "../layers/layer-stages.js";
import { LAYERS_IN_FLIGHT } from "../residual-block.js";
import {
  FP16_BYTES,
  inputBytes,
  outputBytes,
  portBytes,
  slotBytes,
  sumOf,
  work,
} from "./kernel-work.js";
import type { GradientOperands, LayerStructure } from "./our-pipelines.js";

/** @throws KernelConfigError, DeriveError */
export function derivedLayer(
  config: LlamaKernelConfig,
  pipeline: PipelineName,
  L: number,
): LayerStructure {
  const { attention, ffn } = derivedLlama(config, pipeline);
  const halves = [attention, ffn];
  const kernels = halves.flatMap(({ forward, backward }) => [forward, ...backward]);
  const weights = kernels.flatMap((kernel) => Object.values(kernel.weights));
  const perUpdate = kernels.filter((kernel) => Object.keys(kernel.weights).length > 0).length;
  const isStatic = pipeline === "static";
  return {
    kernels: halves.flatMap((half) => [
      ...works(half, "forward"),
      ...half.backward.flatMap((_, index) => works(half, index)),
    ]),
    gradients: halves.flatMap(operands),
    compilations: isStatic
      ? { first: L * kernels.length, perUpdate: L * perUpdate }
      : { first: kernels.length, perUpdate: 0 },
    stagedBytes: L * sumOf(halves, stagedBytes),
    memory: {
      surfaces: sumOf(halves, (half) => surfaceBytes(half, isStatic, L)),
      weightFiles:
        L *
        sumOf(weights, ({ shape }) => FP16_BYTES * shape.reduce((product, n) => product * n, 1)),
    },
  };
}

function works(half: TrainingKernels, of: Place["kernel"]) {
  const kernel = of === "forward" ? half.forward : half.backward[of]!;
  const phase = of === "forward" ? "forward" : "backward";
  const sums = half.weightGradients.flatMap((gradient) =>
    gradient.kind === "product" ? [] : [gradient.of],
  );
  const slots = (places: readonly Place[], side: Place["side"]) =>
    places.filter((place) => place.kernel === of && place.side === side).map(({ slot }) => slot);
  const written = [...Object.values(half.inputs), ...Object.values(half.seeds).flat()];
  const read = [...Object.values(half.outputs), ...Object.values(half.gradients), ...sums];
  return [
    work(kernel, phase, {
      written: slots(written, "input"),
      copied: slots(
        half.transfers.map(({ to }) => to),
        "input",
      ),
      read: slots(read, "output"),
    }),
  ];
}

function operands(half: TrainingKernels): GradientOperands[] {
  const slot = ({ kernel, side, slot: name }: Place) => {
    const of = kernel === "forward" ? half.forward : half.backward[kernel]!;
    return of[`${side}s`][name]!;
  };
  return half.weightGradients.flatMap((gradient): GradientOperands[] =>
    gradient.kind === "product" ? [[slot(gradient.dy), slot(gradient.x)]] : [],
  );
}

function stagedBytes({ forward, backward }: TrainingKernels): number {
  const all = new Map([forward, ...backward].flatMap(({ staged }) => Object.entries(staged)));
  return sumOf([...all.values()], ({ slot }) => slotBytes(slot));
}

function surfaceBytes(half: TrainingKernels, isStatic: boolean, L: number): number {
  const { forward, backward } = half;
  const inFlight = (kernel: DerivedKernel) => (isStatic ? portBytes(kernel) : outputBytes(kernel));
  const inputs = isStatic && !isReadLater(half) ? 1 : L;
  return (
    inputs * inputBytes(forward) +
    L * outputBytes(forward) +
    Math.min(L, LAYERS_IN_FLIGHT) * sumOf(backward, inFlight)
  );
}
