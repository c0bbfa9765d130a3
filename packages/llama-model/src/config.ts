/**
 * The shape of a Llama-family model. Dims keep their letters in comments: D = dim, F = hiddenDim, L = layers, H = heads,
 * KV = kvHeads, h = headDim, V = vocabSize, S = seqLen.
 */
import { ConfigError } from "./errors.js";

/** Everything that determines the parameters and the maths of a model. */
export interface LlamaConfig {
  readonly name: string;
  /** D: width of the residual stream. */
  readonly dim: number;
  /** F: width inside the feed-forward part. */
  readonly hiddenDim: number;
  readonly layers: number;
  /** H: query heads. */
  readonly heads: number;
  /** KV: key and value heads; divides `heads`. */
  readonly kvHeads: number;
  /** h: even, because RoPE rotates pairs; usually dim / heads. */
  readonly headDim: number;
  readonly vocabSize: number;
  /** S: positions of one sequence; a property of a run more than of the weights. */
  readonly seqLen: number;
  readonly normEps: number;
  readonly ropeTheta: number;
  /** The classifier is the token embedding. */
  readonly tiedEmbeddings: boolean;
  /** RMSNorm of every query and key head before RoPE, with gains [h] of their own (Qwen3). */
  readonly qkNorm: boolean;
  /** c > 0: logits are c · tanh(logits / c) (Gemma 2's final_logit_softcapping). 0: as they are. */
  readonly logitSoftcap: number;
}

const FLAGS = ["tiedEmbeddings", "qkNorm"] as const;

type NumericField = Exclude<keyof LlamaConfig, "name" | (typeof FLAGS)[number]>;

/** Ranges are generous: they refuse what can only be a mistake or a damaged file. */
const RANGES: Record<NumericField, { min: number; max: number; integer: boolean }> = {
  dim: { min: 1, max: 65_536, integer: true },
  hiddenDim: { min: 1, max: 1_048_576, integer: true },
  layers: { min: 1, max: 1024, integer: true },
  heads: { min: 1, max: 1024, integer: true },
  kvHeads: { min: 1, max: 1024, integer: true },
  headDim: { min: 2, max: 4096, integer: true },
  vocabSize: { min: 2, max: 4_194_304, integer: true },
  seqLen: { min: 1, max: 1_048_576, integer: true },
  normEps: { min: 1e-12, max: 0.1, integer: false },
  ropeTheta: { min: 1, max: 1e9, integer: false },
  logitSoftcap: { min: 0, max: 1e6, integer: false },
};

export const CONFIG_FIELDS = [
  "name",
  ...(Object.keys(RANGES) as NumericField[]),
  ...FLAGS,
] as const satisfies readonly (keyof LlamaConfig)[];

/**
 * Checks every field and the relations between them.
 * @param where Start of the error message, such as a file name.
 * @returns A frozen copy.
 * @throws ConfigError naming the field.
 */
export function validateConfig(config: LlamaConfig, where = "validateConfig"): LlamaConfig {
  if (typeof config.name !== "string" || config.name === "") {
    throw new ConfigError(
      "name",
      `${where}: name must be a non-empty string, got ${show(config.name)}. Name the model.`,
    );
  }
  for (const [field, { min, max, integer }] of Object.entries(RANGES)) {
    const value: unknown = config[field as NumericField];
    const isRight = integer ? Number.isInteger(value) : Number.isFinite(value);
    if (!isRight || (value as number) < min || (value as number) > max) {
      const kind = integer ? "an integer" : "a number";
      throw new ConfigError(
        field,
        `${where}: ${field} must be ${kind} from ${min} to ${max}, got ${show(value)}. Correct the field.`,
      );
    }
  }
  for (const flag of FLAGS) {
    if (typeof config[flag] === "boolean") continue;
    throw new ConfigError(
      flag,
      `${where}: ${flag} must be true or false, got ${show(config[flag])}. Correct the field.`,
    );
  }
  if (config.heads % config.kvHeads !== 0) {
    throw new ConfigError(
      "kvHeads",
      `${where}: kvHeads must divide heads (${config.heads}), got ${config.kvHeads}. Each key head serves heads / kvHeads query heads.`,
    );
  }
  if (config.headDim % 2 !== 0) {
    throw new ConfigError(
      "headDim",
      `${where}: headDim must be even, got ${config.headDim}. RoPE rotates pairs: choose dim / heads even.`,
    );
  }
  return Object.freeze({ ...config });
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}
