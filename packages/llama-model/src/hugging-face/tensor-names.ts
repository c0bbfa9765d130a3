/**
 * The tensors of a model as Hugging Face names them (transformers' LlamaForCausalLM and Qwen3ForCausalLM), one per layer,
 * beside the place of each in our arena. Matrices are [out, in] on both sides; wq, wk and the gains of their norms are in
 * half-split order there (see half-split.ts).
 */
import type { LlamaConfig } from "../config.js";
import { parameterLayout, type TensorName } from "../layout.js";
import type { Parameters } from "../parameters.js";

export interface NamedTensor {
  readonly name: string;
  /** Without a leading L. */
  readonly shape: readonly number[];
  /** Heads whose rows are half-split there; 0 where the order is the same. */
  readonly splitHeads: number;
  /** Our copy. */
  readonly view: (parameters: Parameters) => Float32Array;
}

const WHOLE: Partial<Record<TensorName, string>> = {
  tokenEmbedding: "model.embed_tokens.weight",
  finalNorm: "model.norm.weight",
  classifier: "lm_head.weight",
};

const IN_LAYER: Partial<Record<TensorName, string>> = {
  attentionNorm: "input_layernorm",
  wq: "self_attn.q_proj",
  wk: "self_attn.k_proj",
  wv: "self_attn.v_proj",
  wo: "self_attn.o_proj",
  qNorm: "self_attn.q_norm",
  kNorm: "self_attn.k_norm",
  ffnNorm: "post_attention_layernorm",
  w1: "mlp.gate_proj",
  w2: "mlp.down_proj",
  w3: "mlp.up_proj",
};

/** All tensors that a model of this configuration has, in the order of the arena. */
export function namedTensors(config: LlamaConfig): readonly NamedTensor[] {
  return parameterLayout(config).entries.flatMap(({ name, shape, length, perLayer }) => {
    const splitHeads = splitHeadsOf(name, config);
    if (!perLayer) {
      const view = (parameters: Parameters) => parameters.view(name);
      return [{ name: WHOLE[name]!, shape, splitHeads, view }];
    }
    const size = length / config.layers;
    return Array.from({ length: config.layers }, (_, layer) => ({
      name: `model.layers.${layer}.${IN_LAYER[name]}.weight`,
      shape: shape.slice(1),
      splitHeads,
      view: (parameters: Parameters) =>
        parameters.view(name).subarray(layer * size, (layer + 1) * size),
    }));
  });
}

function splitHeadsOf(name: TensorName, { heads, kvHeads }: LlamaConfig): number {
  if (name === "wq") return heads;
  if (name === "wk") return kvHeads;
  return name === "qNorm" || name === "kNorm" ? 1 : 0;
}
