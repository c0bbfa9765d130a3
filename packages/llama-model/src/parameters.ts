/**
 * Named views into the fp32 arena of a model. The same class serves anything with the layout of the parameters:
 * gradients, optimizer moments.
 */
import { type LlamaConfig, validateConfig } from "./config.js";
import { InputError } from "./errors.js";
import {
  type HeadNormName,
  type LayerTensorName,
  type ParameterLayout,
  parameterLayout,
  type TensorName,
} from "./layout.js";

/** The tensors of one layer; shapes as in `parameterLayout`, without the leading L. */
export type LayerParameters = Readonly<
  Record<Exclude<LayerTensorName, HeadNormName>, Float32Array> &
    Partial<Record<HeadNormName, Float32Array>>
>;

/** The parameters of a model, as a whole and by name. */
export class Parameters {
  readonly config: LlamaConfig;
  readonly layout: ParameterLayout;
  /** The whole arena, [layout.total]. */
  readonly data: Float32Array;
  readonly #views = new Map<string, Float32Array>();
  readonly #layers: readonly LayerParameters[];

  /**
   * @param data Where the parameters lie, used in place: a mapped file's view, or new zeros by default.
   * @throws ConfigError, InputError if `data` has another length than the layout.
   */
  constructor(config: LlamaConfig, data?: Float32Array) {
    this.config = validateConfig(config);
    this.layout = parameterLayout(config);
    const { total, entries } = this.layout;
    if (data && data.length !== total) {
      throw new InputError(
        `Parameters: the data of ${config.name} must have ${total} elements, got ${data.length}. Allocate parameterLayout(config).total.`,
      );
    }
    this.data = data ?? new Float32Array(total);
    for (const { name, offset, length } of entries) {
      this.#views.set(name, this.data.subarray(offset, offset + length));
    }
    const layered = entries.filter((entry) => entry.perLayer);
    this.#layers = Array.from({ length: config.layers }, (_, layer) => {
      const views = layered.map(({ name, offset, length }) => {
        const size = length / config.layers;
        const start = offset + layer * size;
        return [name, this.data.subarray(start, start + size)];
      });
      return Object.freeze(Object.fromEntries(views) as LayerParameters);
    });
  }

  /** A whole tensor, all layers together. @throws InputError for a name that the layout does not have. */
  view(name: TensorName): Float32Array {
    const view = this.#views.get(name);
    if (!view) {
      throw new InputError(
        `Parameters.view: the tensor must be one of ${[...this.#views.keys()].join(", ")}, got "${name}". A tied model has no classifier of its own.`,
      );
    }
    return view;
  }

  /** The views of layer `index`, made once. @throws InputError */
  layer(index: number): LayerParameters {
    const layer = this.#layers[index];
    if (!layer) {
      throw new InputError(
        `Parameters.layer: the layer must be an integer from 0 to ${this.#layers.length - 1}, got ${index}. Count from 0.`,
      );
    }
    return layer;
  }

  /** [V, D] */
  get tokenEmbedding(): Float32Array {
    return this.view("tokenEmbedding");
  }

  /** [D] */
  get finalNorm(): Float32Array {
    return this.view("finalNorm");
  }

  /** [V, D]; the token embedding itself where embeddings are tied. */
  get classifier(): Float32Array {
    return this.view(this.config.tiedEmbeddings ? "tokenEmbedding" : "classifier");
  }
}
