/**
 * config.json of a Hugging Face model folder (transformers' LlamaConfig and Qwen3Config) to and from our configuration.
 * What would change the maths and is not supported is refused by name, never passed over.
 */
import { readFileSync } from "node:fs";
import { type LlamaConfig, validateConfig } from "../config.js";
import { ConfigError, FormatError } from "../errors.js";

const ARCHITECTURES: Record<string, { readonly qkNorm: boolean }> = {
  LlamaForCausalLM: { qkNorm: false },
  Qwen3ForCausalLM: { qkNorm: true },
};

/** Fields that must be absent or have this value, since the model here has no such part. */
const REQUIRED: Readonly<Record<string, unknown>> = {
  hidden_act: "silu",
  attention_bias: false,
  mlp_bias: false,
  rope_scaling: null,
  use_sliding_window: false,
  pretraining_tp: 1,
  partial_rotary_factor: 1,
  quantization_config: null,
  final_logit_softcapping: null,
};

/**
 * Reads the configuration; `seqLen` is max_position_embeddings.
 * @param name Of the model: the file has none.
 * @throws FormatError naming the field at fault, ConfigError for dims no model has
 */
export function readConfigFile(path: string, name: string): LlamaConfig {
  const fields = parse(path);
  const [architecture = "(none)"] = (fields.architectures as string[] | undefined) ?? [];
  const family = ARCHITECTURES[architecture];
  if (!family) {
    throw new FormatError(
      path,
      `${path}: the architecture must be one of ${Object.keys(ARCHITECTURES).join(", ")}, got ${architecture}. Other models cannot be imported.`,
    );
  }
  for (const [field, required] of Object.entries(REQUIRED)) {
    const value = fields[field];
    if (value === undefined || value === null || value === required) continue;
    throw new FormatError(
      path,
      `${path}: ${field} must be ${JSON.stringify(required)}, got ${JSON.stringify(value)}. Models with this feature cannot be imported.`,
    );
  }
  const heads = fields.num_attention_heads as number;
  const dim = fields.hidden_size as number;
  return validateConfig(
    {
      name,
      dim,
      hiddenDim: fields.intermediate_size as number,
      layers: fields.num_hidden_layers as number,
      heads,
      kvHeads: (fields.num_key_value_heads as number | null | undefined) ?? heads,
      headDim: (fields.head_dim as number | null | undefined) ?? dim / heads,
      vocabSize: fields.vocab_size as number,
      seqLen: fields.max_position_embeddings as number,
      normEps: (fields.rms_norm_eps as number | undefined) ?? 1e-6,
      ropeTheta: ropeTheta(path, fields),
      tiedEmbeddings: (fields.tie_word_embeddings as boolean | undefined) ?? false,
      qkNorm: family.qkNorm,
      logitSoftcap: 0,
    },
    path,
  );
}

/** Newer versions of transformers keep the base under rope_parameters, together with the kind of scaling. */
function ropeTheta(path: string, fields: Record<string, unknown>): number {
  const nested = fields.rope_parameters as { rope_theta?: number; rope_type?: string } | undefined;
  const { rope_type: type = "default" } = nested ?? {};
  if (type !== "default") {
    throw new FormatError(
      path,
      `${path}: rope_parameters.rope_type must be "default", got ${JSON.stringify(type)}. Models with scaled RoPE cannot be imported.`,
    );
  }
  return (fields.rope_theta as number | undefined) ?? nested?.rope_theta ?? 10_000;
}

/**
 * The text of a config.json that transformers reads as this model.
 * @param torchDtype Of the stored tensors.
 * @throws ConfigError for a model that transformers would compute otherwise: of its Llama and Qwen3 none bounds the logits.
 */
export function formatConfigFile(config: LlamaConfig, torchDtype: string): string {
  if (config.logitSoftcap !== 0) {
    throw new ConfigError(
      "logitSoftcap",
      `writeHuggingFace: transformers' Llama and Qwen3 imply logitSoftcap 0, got ${config.logitSoftcap}. Export this model as mlpackage.`,
    );
  }
  const fields = {
    architectures: [config.qkNorm ? "Qwen3ForCausalLM" : "LlamaForCausalLM"],
    model_type: config.qkNorm ? "qwen3" : "llama",
    hidden_size: config.dim,
    intermediate_size: config.hiddenDim,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    vocab_size: config.vocabSize,
    max_position_embeddings: config.seqLen,
    rms_norm_eps: config.normEps,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tiedEmbeddings,
    hidden_act: "silu",
    attention_bias: false,
    torch_dtype: torchDtype,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

function parse(path: string): Record<string, unknown> {
  const text = readFileSync(path, "utf8");
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields === "object" && fields !== null) return fields as Record<string, unknown>;
  } catch (cause) {
    throw new FormatError(
      path,
      `${path}: a model's configuration must be JSON, got ${(cause as Error).message}. Fetch the file again.`,
      { cause },
    );
  }
  throw new FormatError(
    path,
    `${path}: a model's configuration must be a JSON object, got ${text.slice(0, 40)}. Fetch the file again.`,
  );
}
