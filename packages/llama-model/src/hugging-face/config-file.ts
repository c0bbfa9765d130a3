/**
 * config.json of a Hugging Face model folder (transformers' LlamaConfig and Qwen3Config) to and from our configuration.
 * What would change the maths and is not supported is refused by name, never passed over.
 */
import { readFileSync } from "node:fs";
import { type LlamaConfig, validateConfig } from "../config.js";
import { ConfigError, FormatError } from "../errors.js";

interface Family {
  readonly qkNorm: boolean;
  /** Where the file does not say (configuration_qwen3.py of transformers); default: dim / heads. */
  readonly headDim?: number;
}

const ARCHITECTURES: Readonly<Record<string, Family>> = {
  LlamaForCausalLM: { qkNorm: false },
  Qwen3ForCausalLM: { qkNorm: true, headDim: 128 },
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

/** The same of what newer versions of transformers keep under rope_parameters ("type" in older files). Nothing else may be there. */
const REQUIRED_ROPE: Readonly<Record<string, unknown>> = {
  rope_type: "default",
  type: "default",
  partial_rotary_factor: 1,
};

const FULL_ATTENTION = "full_attention";

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
    expectValue(path, field, fields[field], required);
  }
  for (const type of (fields.layer_types as unknown[] | null | undefined) ?? []) {
    expectValue(path, "each of layer_types", type, FULL_ATTENTION);
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
      headDim: (fields.head_dim as number | null | undefined) ?? family.headDim ?? dim / heads,
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

/** @throws FormatError for a field that is there with another value */
function expectValue(path: string, field: string, value: unknown, required: unknown): void {
  if (value === undefined || value === null || value === required) return;
  throw new FormatError(
    path,
    `${path}: ${field} must be ${JSON.stringify(required)}, got ${JSON.stringify(value)}. Models with this feature cannot be imported.`,
  );
}

/** The base of RoPE, which is in one of two places. @throws FormatError for scaled RoPE, or two bases */
function ropeTheta(path: string, fields: Record<string, unknown>): number {
  const nested = fields.rope_parameters ?? {};
  if (typeof nested !== "object") expectValue(path, "rope_parameters", nested, {});
  const { rope_theta: theta = fields.rope_theta, ...others } = nested as Record<string, unknown>;
  for (const [field, value] of Object.entries(others)) {
    expectValue(path, `rope_parameters.${field}`, value, REQUIRED_ROPE[field] ?? null);
  }
  expectValue(path, "rope_theta", fields.rope_theta, theta);
  return (theta ?? 10_000) as number;
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
