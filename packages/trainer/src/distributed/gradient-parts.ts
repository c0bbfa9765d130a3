/**
 * Which elements of the gradients are complete when, in the last micro-step of an update: a layer's matrices after its backward
 * and weight gradients, the rest (norms, token table, classifier) at the end. Each element belongs to exactly one part, and parts
 * come in the same order on all ranks.
 */
import { parameterLayout } from "@ane/llama-model";
import { arenaLayout, type DefinedModel, isDefined, type ModelRecord } from "../model-record.js";

/** Elements [start, end) of the gradients. */
export type Range = readonly [start: number, end: number];

export interface GradientParts {
  /** The matrices of each layer. */
  readonly layers: readonly (readonly Range[])[];
  readonly rest: readonly Range[];
}

export function gradientParts(model: ModelRecord): GradientParts {
  if (isDefined(model)) return partsOfDefined(model);
  const { entries } = parameterLayout(model);
  const matrices = entries.filter(({ perLayer, decay }) => perLayer && decay);
  const others = entries.filter((entry) => !matrices.includes(entry));
  return {
    layers: Array.from({ length: model.layers }, (_, l) =>
      matrices.map(({ offset, length }): Range => {
        const size = length / model.layers;
        return [offset + l * size, offset + (l + 1) * size];
      }),
    ),
    rest: others.map(({ offset, length }): Range => [offset, offset + length]),
  };
}

/** A layer's gradients are complete all at once. */
function partsOfDefined(model: DefinedModel): GradientParts {
  const { entries } = arenaLayout(model);
  const rangesOf = (layer: number | undefined) =>
    entries.flatMap(({ offset, length }, i): Range[] =>
      model.parameters[i]!.layer === layer ? [[offset, offset + length]] : [],
    );
  const layers = Array.from({ length: model.layerCount }, (_, l) => rangesOf(l));
  return { layers, rest: rangesOf(undefined) };
}
