/** Parameters of a defined model, or their gradients, as views into an arena. */
import { arenaLayout, type DefinedModel } from "../model-record.js";
import type { LayerViews } from "./layer-stages.js";
import { mapRecord, type PlacedLayer } from "./placed-layer.js";
import { parameterName } from "./record-parameters.js";

/** By the parameter's name; undefined where the model has none of that name. */
export type Views = (name: string) => Float32Array | undefined;

export function arenaViews(model: DefinedModel, arena: Float32Array): Views {
  const { entries } = arenaLayout(model);
  const views = new Map(
    entries.map(({ name, offset, length }) => [name, arena.subarray(offset, offset + length)]),
  );
  return (name) => views.get(name);
}

/** Those of a layer, by their names in the layer. */
export function layerViews(placed: PlacedLayer, views: Views): LayerViews {
  return mapRecord(placed.layer.parameters ?? {}, (_, name) => views(parameterName(placed, name))!);
}
