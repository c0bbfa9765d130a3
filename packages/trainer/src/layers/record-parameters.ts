/** All parameters of a model in the order of its arena: embedding, each layer's, head. */
import type {
  DefinedModel,
  ImageInputRecord,
  Initialization,
  ParameterRecord,
  TokenInputRecord,
} from "../model-record.js";
import type { ParameterDefinition } from "./define-layer.js";
import type { ImageInput, TokenInput } from "./model-options.js";
import type { PlacedLayer, Shape } from "./placed-layer.js";

/** Of matrices, and of positions. */
const DEFAULT_STD = 0.02;

/** Names of the parameters that are not a layer's. */
export const TABLE = "tokenEmbedding";
export const POSITIONS = "positions";
export const CLASSIFIER = "classifier";
export const BIAS = "classifierBias";

/** Name of a layer's parameter in the arena. */
export function parameterName({ index, layer }: PlacedLayer, parameter: string): string {
  return `layers.${index}.${layer.name}.${parameter}`;
}

export function recordParameters(
  record: TokenInputRecord | ImageInputRecord,
  input: TokenInput | ImageInput,
  layers: readonly PlacedLayer[],
  head: DefinedModel["head"],
  last: Shape,
): ParameterRecord[] {
  const parameters: ParameterRecord[] = [];
  if (input.kind === "tokens") {
    const { vocabulary, dim, length } = input;
    // So that tied logits of a normalized stream begin with a standard deviation of 0.25.
    const init = { normal: 0.25 / Math.sqrt(dim) };
    parameters.push({ name: TABLE, shape: [vocabulary, dim], decay: true, init });
    if ((record as TokenInputRecord).positions) {
      const positions = { normal: DEFAULT_STD };
      parameters.push({ name: POSITIONS, shape: [length, dim], decay: true, init: positions });
    }
  }
  for (const placed of layers) {
    const own = Object.entries<ParameterDefinition>(placed.layer.parameters ?? {});
    for (const [name, { shape, init, decay }] of own) {
      const isVector = shape.length === 1;
      parameters.push({
        name: parameterName(placed, name),
        shape,
        decay: decay ?? !isVector,
        init: initialization(init ?? (isVector ? "zeros" : "normal"), shape),
        layer: placed.index,
      });
    }
  }
  const D = last[1];
  if (head.kind === "label") {
    const init = { normal: 1 / Math.sqrt(D) };
    parameters.push(
      { name: CLASSIFIER, shape: [head.classes, D], decay: true, init },
      { name: BIAS, shape: [head.classes], decay: false, init: "zeros" },
    );
  } else if (!head.tied) {
    const init = { normal: 0.25 / Math.sqrt(D) };
    parameters.push({ name: CLASSIFIER, shape: [head.classes, D], decay: true, init });
  }
  return parameters;
}

function initialization(
  init: NonNullable<ParameterDefinition["init"]>,
  shape: readonly number[],
): Initialization {
  if (init === "normal") return { normal: DEFAULT_STD };
  if (init !== "he") return init;
  // He et al. 2015: everything that adds up to one result.
  const inputs = shape.slice(1).reduce((product, dim) => product * dim, 1);
  return { normal: Math.sqrt(2 / inputs) };
}
