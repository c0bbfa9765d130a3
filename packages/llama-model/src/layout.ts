/**
 * Where each tensor lies in the one fp32 arena of a model: the order of llama2.c's version-0 files (export.py,
 * legacy_export), a tensor of all layers together; what those files cannot hold stands behind `wo`. Matrices are [out, in], row-major.
 * D = dim, F = hiddenDim, L = layers, h = headDim, QD = heads · headDim, KD = kvHeads · headDim, V = vocabSize.
 */
import { type LlamaConfig, validateConfig } from "./config.js";

/** Gains of the per-head norms, which only models with qkNorm have. */
export type HeadNormName = "qNorm" | "kNorm";

/** Tensors that every layer has, by name. */
export type LayerTensorName =
  | "attentionNorm"
  | "wq"
  | "wk"
  | "wv"
  | "wo"
  | HeadNormName
  | "ffnNorm"
  | "w1"
  | "w2"
  | "w3";

/** All tensors of a model, by name. */
export type TensorName = LayerTensorName | "tokenEmbedding" | "finalNorm" | "classifier";

/** One tensor's place in the arena. */
export interface ParameterEntry {
  readonly name: TensorName;
  /** With a leading L for the tensors that every layer has. */
  readonly shape: readonly number[];
  /** First element in the arena. */
  readonly offset: number;
  readonly length: number;
  readonly perLayer: boolean;
  /** Weight decay applies: to matrices, not to the gains of norms. */
  readonly decay: boolean;
}

/** All tensors in the order of the arena, without gaps. */
export interface ParameterLayout {
  /** Elements of the arena. */
  readonly total: number;
  readonly entries: readonly ParameterEntry[];
}

/** Lays out the tensors of a model. @throws ConfigError */
export function parameterLayout(config: LlamaConfig): ParameterLayout {
  const { dim: D, hiddenDim: F, layers: L, vocabSize: V } = validateConfig(config);
  const QD = config.heads * config.headDim;
  const KD = config.kvHeads * config.headDim;
  const shapes: [TensorName, readonly number[]][] = [
    ["tokenEmbedding", [V, D]],
    ["attentionNorm", [L, D]],
    ["wq", [L, QD, D]],
    ["wk", [L, KD, D]],
    ["wv", [L, KD, D]],
    ["wo", [L, D, QD]],
    ...headNorms(config),
    ["ffnNorm", [L, D]],
    ["w1", [L, F, D]],
    ["w2", [L, D, F]],
    ["w3", [L, F, D]],
    ["finalNorm", [D]],
  ];
  if (!config.tiedEmbeddings) shapes.push(["classifier", [V, D]]);

  let total = 0;
  const entries = shapes.map(([name, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const isNorm = name.endsWith("Norm");
    const perLayer = !["tokenEmbedding", "finalNorm", "classifier"].includes(name);
    const entry: ParameterEntry = { name, shape, offset: total, length, perLayer, decay: !isNorm };
    total += length;
    return entry;
  });
  return { total, entries };
}

function headNorms({ qkNorm, layers: L, headDim: h }: LlamaConfig): [TensorName, number[]][] {
  if (!qkNorm) return [];
  return [
    ["qNorm", [L, h]],
    ["kNorm", [L, h]],
  ];
}
