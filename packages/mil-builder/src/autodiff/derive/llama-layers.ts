/**
 * The two halves of a Llama layer as forward passes, and the kernels that are derived from them. As in the hand-written kernels, the
 * gradients that leave are those of the normalized stream xn: RMSNorm backward is the CPU's, in fp32. The static ones have RMSNorm
 * inside, the dynamic ones begin with xn.
 */
import type { FunctionBuilder } from "../../builder.js";
import { attention, attentionConstants, type Heads } from "../../kernels/attention.js";
import {
  type KernelDims,
  kernelDims,
  type LlamaKernelConfig,
  staticKernelDims,
} from "../../kernels/config.js";
import {
  attendInHalves,
  type HalvesConstant,
  halvesConstants,
} from "../../kernels/dynamic/causal-halves.js";
import { attentionBlock } from "../../kernels/fwd-attn.js";
import { feedForward } from "../../kernels/fwd-ffn.js";
import { gated } from "../../kernels/gated.js";
import { headNorm } from "../../kernels/head-norm.js";
import type { Value } from "../../program.js";
import { isRecord, type OptionRule, type OptionRules, wrongOption } from "../option-rules.js";
import { DeriveError } from "./derive-error.js";
import { deriveTraining } from "./derive-training.js";
import { project } from "./project.js";
import type { DeriveOptions, LayerDefinition, TrainingKernels } from "./types.js";

type Values<Name extends string> = Readonly<Record<Name, Value>>;

/** The kernels of one layer. */
export interface DerivedLlama {
  readonly attention: TrainingKernels;
  readonly ffn: TrainingKernels;
}

/** Options of each half, in place of or beside what the configuration says. */
export type DerivedLlamaOptions = Partial<Record<keyof DerivedLlama, Partial<DeriveOptions>>>;

const HALF: OptionRule = { rule: "an object with options of deriveTraining", isValid: isRecord };
const HALVES: OptionRules<DerivedLlamaOptions> = { attention: HALF, ffn: HALF };

/** @throws KernelConfigError, DeriveError */
export function derivedLlama(
  config: LlamaKernelConfig,
  pipeline: DeriveOptions["pipeline"],
  options: DerivedLlamaOptions = {},
): DerivedLlama {
  const wrong = wrongOption(options, HALVES);
  if (wrong !== undefined) throw new DeriveError("layer", `derivedLlama: ${wrong}`);
  const dims = pipeline === "static" ? staticKernelDims(config) : kernelDims(config);
  const { S: seqLen, dtype, opset } = dims;
  const normInside = pipeline === "static" ? { gradients: ["xn"], frozen: ["norm"] } : {};
  const common = { seqLen, pipeline, dtype, opset, ...normInside };
  const isStatic = pipeline === "static";
  return {
    attention: deriveTraining(isStatic ? staticAttention(dims) : dynamicAttention(dims), {
      ...common,
      ...options.attention,
    }),
    ffn: deriveTraining(isStatic ? staticFFN(dims) : dynamicFFN(dims), {
      ...common,
      ...options.ffn,
    }),
  };
}

const attentionMatrices = ({ D, QD, KD }: KernelDims) => ({
  wq: { shape: [QD, D] },
  wk: { shape: [KD, D] },
  wv: { shape: [KD, D] },
  wo: { shape: [D, QD] },
});

const ffnMatrices = ({ D, F }: KernelDims) => ({
  w1: { shape: [F, D] },
  w2: { shape: [D, F] },
  w3: { shape: [F, D] },
});

function staticAttention(dims: KernelDims) {
  return layer({
    name: "attn",
    inputs: { x: dims.D },
    parameters: { norm: { shape: [dims.D] }, ...attentionMatrices(dims) },
    constants: attentionConstants(dims),
    forward(f, { x }, { norm, ...weights }, constants) {
      const multiply = (name: keyof typeof weights, of: typeof x, as: string) =>
        project(f, of, weights[name], as);
      return { o: attentionBlock(f, x, norm, multiply, constants, dims).o };
    },
  });
}

function staticFFN(dims: KernelDims) {
  return layer({
    name: "ffn",
    inputs: { x: dims.D },
    parameters: { norm: { shape: [dims.D] }, ...ffnMatrices(dims) },
    forward(f, { x }, { norm, ...weights }) {
      const multiply = (name: keyof typeof weights, of: typeof x, as: string) =>
        project(f, of, weights[name], as);
      return { y: feedForward(f, x, norm, multiply, dims).y };
    },
  });
}

/** Attention in halves of the queries; with norms of the heads if the configuration has them. */
function dynamicAttention(dims: KernelDims): LayerDefinition {
  const { D, h, qkNorm } = dims;
  const parameters = attentionMatrices(dims);
  const common = { name: "attn", inputs: { xn: D }, constants: halvesConstants(dims) };
  if (!qkNorm) {
    return layer({
      ...common,
      parameters,
      forward: (f, { xn }, weights, constants) =>
        attendToTokens(f, projected(f, xn, weights), weights.wo, constants, dims),
    });
  }
  return layer({
    ...common,
    parameters: { ...parameters, qNorm: { shape: [h] }, kNorm: { shape: [h] } },
    forward(f, { xn }, { qNorm, kNorm, ...weights }, constants) {
      const { q, k, v } = projected(f, xn, weights);
      const normalized = {
        q: headNorm(f, { x: q, gains: qNorm }, dims, "q_normalized"),
        k: headNorm(f, { x: k, gains: kNorm }, dims, "k_normalized"),
        v,
      };
      return attendToTokens(f, normalized, weights.wo, constants, dims);
    },
  });
}

function projected(f: FunctionBuilder, xn: Value, { wq, wk, wv }: Values<"wq" | "wk" | "wv">) {
  return {
    q: project(f, xn, wq, "q_projected"),
    k: project(f, xn, wk, "k_projected"),
    v: project(f, xn, wv, "v"),
  };
}

function attendToTokens(
  f: FunctionBuilder,
  tokens: Values<"q" | "k" | "v">,
  wo: Value,
  constants: Values<HalvesConstant>,
  dims: KernelDims,
): Values<"o"> {
  const attend = (heads: Heads) => attendInHalves(f, heads, constants, dims);
  const { a } = attention(f, tokens, constants, dims, attend);
  return { o: project(f, a, wo, "o") };
}

function dynamicFFN(dims: KernelDims) {
  return layer({
    name: "ffn",
    inputs: { xn: dims.D },
    parameters: ffnMatrices(dims),
    forward(f, { xn }, { w1, w2, w3 }) {
      const gate = gated(f, project(f, xn, w1, "h1"), project(f, xn, w3, "h3"));
      return { y: project(f, gate, w2, "y") };
    },
  });
}

/** Gives `forward` its types. */
function layer<I extends string, O extends string, P extends string, C extends string>(
  definition: LayerDefinition<I, O, P, C>,
): LayerDefinition {
  // The names are the layer's own affair.
  return definition as unknown as LayerDefinition;
}
