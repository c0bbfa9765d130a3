/**
 * A whole Llama model as one program, for Core ML: tokens int32 [1, S] to logits [1, S, V] of the next token at every position.
 * Layers are those of the static kernels with constant weights, here with Qwen3's norms of the heads too; the residual stream
 * is in the kernels' dtype, so in fp16 its root mean square must stay below 127 (rms-norm.ts).
 * The embedding and a tied classifier are one weight.
 */
import { buildProgram, type FunctionBuilder } from "../builder.js";
import { hasOpset } from "../opset.js";
import type { Program, Value } from "../program.js";
import { tensor } from "../tensor-type.js";
import {
  type AttentionConstant,
  attendAtOnce,
  attention,
  attentionConstants,
} from "./attention.js";
import {
  KernelConfigError,
  type KernelDims,
  kernelDims,
  type LlamaKernelConfig,
} from "./config.js";
import { weightPath } from "./constant-blob.js";
import { normalizeHeads } from "./dynamic/dynamic-attn-fwd.js";
import { feedForward } from "./fwd-ffn.js";
import { project, projector } from "./project.js";
import { rmsNorm } from "./rms-norm.js";
import { channelGains, keysOf, matrix } from "./slots.js";

/** Sizes of a whole model. */
export interface LanguageModelConfig extends LlamaKernelConfig {
  readonly layers: number;
  readonly vocabSize: number;
  /** The classifier is the token embedding. */
  readonly tiedEmbeddings: boolean;
  /** c > 0: logits are c · tanh(logits / c). Default 0: as they are. */
  readonly logitSoftcap?: number;
}

/** A constant of the program that the caller supplies as a blob file, of the config's dtype. */
export interface LanguageModelWeight {
  /** Path used in the program, such as "@model_path/weights/layer0_wq.bin". */
  readonly path: string;
  readonly tensor: LayerTensor | "tokenEmbedding" | "finalNorm" | "classifier";
  /** Of a layer's tensor. */
  readonly layer?: number;
  /** Of its elements, which are the model's in their order: matrices [out, in]. */
  readonly shape: readonly number[];
}

/** What a layer multiplies by. */
export type LayerTensor = keyof ReturnType<typeof layerShapes> | "qNorm" | "kNorm";

/** A program and what it is to be run with. */
export interface LanguageModel {
  readonly program: Program;
  readonly weights: readonly LanguageModelWeight[];
  /** Complete blob files by path, shared with kernels: not to be changed. */
  readonly constants: ReadonlyMap<string, Uint8Array>;
}

/** Generates the program of a model for sequences of `seqLen` tokens. @throws KernelConfigError */
export function languageModel(config: LanguageModelConfig): LanguageModel {
  const dims = kernelDims(config);
  const { D, S, dtype, opset } = dims;
  const { layers, vocabSize: V, tiedEmbeddings, logitSoftcap = 0 } = config;
  for (const field of ["layers", "vocabSize"] as const) {
    if (Number.isSafeInteger(config[field]) && config[field] >= 1) continue;
    throw new KernelConfigError(
      field,
      "must be a positive integer",
      config[field],
      "Give a count.",
    );
  }
  const weights: LanguageModelWeight[] = [];
  const constants = attentionConstants(dims);
  const version = hasOpset(opset, "ios18") ? "1.3" : "1.0";
  const program = buildProgram({ opset, version }, (f) => {
    const weight = (
      own: LanguageModelWeight["tensor"],
      shape: readonly number[],
      layer?: number,
    ) => {
      const name = layer === undefined ? own : `layer${layer}_${own}`;
      const path = weightPath(name);
      weights.push({ path, tensor: own, shape, ...(layer === undefined ? {} : { layer }) });
      return f.blob(name, tensor(dtype, shape), path);
    };
    const tables = mapKeys(constants, (name) =>
      f.blob(name, constants[name].type, constants[name].path),
    );
    const tokens = f.input("tokens", tensor("int32", [1, S]));
    const embedding = weight("tokenEmbedding", [V, D]);
    const rows = f.gather({ x: embedding, indices: tokens, axis: 0 }, "embedded");
    const columns = f.transpose({ x: rows, perm: [0, 2, 1] }, "embedded_channels");
    let x = f.expand_dims({ x: columns, axes: [2] }, "x");
    for (let l = 0; l < layers; l++) {
      const shapes = layerShapes(dims);
      const own = mapKeys(shapes, (name) => weight(name, shapes[name].shape, l));
      const gain = (name: "qNorm" | "kNorm") => weight(name, channelGains(dims.h).shape, l);
      const gains = dims.qkNorm ? { qGains: gain("qNorm"), kGains: gain("kNorm") } : undefined;
      x = layer(f, x, { ...own, gains }, tables, dims);
    }
    const xn = rmsNorm(f, x, weight("finalNorm", channelGains(D).shape), dims);
    const flat = f.squeeze({ x: xn, axes: [2] }, "xn_channels");
    const last = f.transpose({ x: flat, perm: [0, 2, 1] }, "xn_rows");
    const classifier = tiedEmbeddings ? embedding : weight("classifier", [V, D]);
    return { logits: capped(f, f.linear({ x: last, weight: classifier }, "logits"), logitSoftcap) };
  });
  const files = Object.values(constants).map(({ path, file }) => [path, file] as const);
  return { program, weights, constants: new Map(files) };
}

/** softcap · tanh(x / softcap); x itself where it is 0. */
function capped(f: FunctionBuilder, x: Value, softcap: number): Value {
  if (softcap === 0) return x;
  const bounded = f.tanh({ x: f.mul({ x, y: 1 / softcap }) });
  return f.mul({ x: bounded, y: softcap }, "capped_logits");
}

function layerShapes({ D, F, QD, KD }: KernelDims) {
  return {
    attentionNorm: channelGains(D),
    wq: matrix(QD, D),
    wk: matrix(KD, D),
    wv: matrix(KD, D),
    wo: matrix(D, QD),
    ffnNorm: channelGains(D),
    w1: matrix(F, D),
    w2: matrix(D, F),
    w3: matrix(F, D),
  };
}

interface LayerWeights extends Readonly<Record<keyof ReturnType<typeof layerShapes>, Value>> {
  /** Of the norms of the heads, [1, h, 1, 1]. */
  readonly gains: Readonly<Record<"qGains" | "kGains", Value>> | undefined;
}

/** x + attention, then + feed-forward, each of the normalized stream: [1, D, 1, S]. */
function layer(
  f: FunctionBuilder,
  x: Value,
  { attentionNorm, wq, wk, wv, wo, gains, ffnNorm, ...ffn }: LayerWeights,
  { causal_mask: mask, ...tables }: Readonly<Record<AttentionConstant, Value>>,
  dims: KernelDims,
): Value {
  const xn = rmsNorm(f, x, attentionNorm, dims);
  const projected = {
    q: project(f, xn, wq, "q_projected"),
    k: project(f, xn, wk, "k_projected"),
    v: project(f, xn, wv, "v"),
  };
  const normalized = gains ? normalizeHeads(f, projected, gains, dims) : projected;
  const { a } = attention(f, normalized, tables, dims, (heads) =>
    attendAtOnce(f, heads, mask, dims),
  );
  const attended = f.add({ x, y: project(f, a, wo, "o") }, "x_attended");
  const { y } = feedForward(f, attended, ffnNorm, projector(f, ffn), dims);
  return f.add({ x: attended, y }, "x");
}

function mapKeys<Key extends string, To>(
  record: Readonly<Record<Key, unknown>>,
  map: (key: Key) => To,
): Record<Key, To> {
  return Object.fromEntries(keysOf(record).map((key) => [key, map(key)])) as Record<Key, To>;
}
