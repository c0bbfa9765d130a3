/** Rules about the parts of attention: matmul, softmax and the fused op. */
import type { Operation } from "../../program.js";
import { operationRule, type Rule } from "../rule.js";
import { type Scope, singleType } from "../scope.js";

const MAX_LENGTH = 32768;
const MAX_LENGTH_BEFORE_M3 = 16384;
const VIEW_OPS = ["reshape", "squeeze", "expand_dims"];

const ATTENTION_MASK = operationRule({
  id: "attention-mask",
  statement: "attention has no attn_mask, which the engine ignores",
  status: "agreed",
  evidence: "maderix/ANE, Orion #6",
  remedy: "Write matmul, add of a constant mask, softmax and matmul.",
  ops: ["scaled_dot_product_attention"],
  broken: ({ inputs }) => (inputs.attn_mask === undefined ? undefined : "attn_mask"),
});

const FUSED_LENGTH = operationRule({
  id: "fused-attention-length",
  statement: "fused attention has at most 2048 keys, and fewer than 512 queries or keys",
  status: "single report",
  evidence: "ANEForge: native for S ≤ 2048 and min(queries, keys) < 512",
  remedy: "Write matmul, softmax and matmul.",
  ops: ["scaled_dot_product_attention"],
  broken({ inputs: { query, key } }) {
    const queries = singleType(query)?.shape.at(-2) ?? 0;
    const keys = singleType(key)?.shape.at(-2) ?? 0;
    return keys > 2048 || Math.min(queries, keys) >= 512
      ? `${queries} queries and ${keys} keys`
      : undefined;
  },
});

const MATMUL_FLAGS = operationRule({
  id: "matmul-flags",
  statement: "transpose_x and transpose_y are named consts",
  status: "single report",
  evidence: "Orion",
  remedy: "Give each flag a const op.",
  ops: ["matmul"],
  broken({ inputs: { transpose_x, transpose_y } }) {
    const isInline = transpose_x?.kind === "literal" || transpose_y?.kind === "literal";
    return isInline ? "an inline value" : undefined;
  },
});

const MATMUL_VIEW = operationRule({
  id: "matmul-view",
  statement: "matmul and attention do not read the result of a reshape directly",
  status: "conflicting",
  evidence: "libane: rejected; maderix/ANE does so with reshaped weights",
  remedy: "Transpose in between.",
  ops: ["matmul", "scaled_dot_product_attention"],
  broken({ inputs }, scope) {
    const producers = Object.values(inputs).map((argument) => scope.producer(argument)?.type);
    return producers.find((type) => type !== undefined && VIEW_OPS.includes(type));
  },
});

const MATMUL_LENGTH = operationRule({
  id: "matmul-length",
  statement: `matmul sums over ${MAX_LENGTH} products at most`,
  status: "agreed",
  evidence: "ANEForge, 751K: M4",
  remedy: "Split the sum.",
  ops: ["matmul"],
  broken: (operation, scope) => longerThan(MAX_LENGTH, operation, scope),
});

const MATMUL_LENGTH_OLD = operationRule({
  id: "matmul-length-old",
  statement: `matmul sums over ${MAX_LENGTH_BEFORE_M3} products at most`,
  status: "agreed",
  evidence: "ANEForge, 751K: up to A15",
  remedy: "Split the sum.",
  chips: ["m1", "m2"],
  ops: ["matmul"],
  broken: (operation, scope) => longerThan(MAX_LENGTH_BEFORE_M3, operation, scope),
});

const SOFTMAX_CHANNELS = operationRule({
  id: "softmax-channels",
  statement: "softmax over the channel axis has a power of two of channels",
  status: "conflicting",
  evidence: "Espresso: others fail; maderix/ANE pull request 19 uses 32000",
  remedy: "Move the axis to the end.",
  ops: ["softmax"],
  broken({ inputs }, scope) {
    const shape = singleType(inputs.x)?.shape ?? [];
    const axis = scope.numbers(inputs.axis)?.[0] ?? -1;
    if (shape.length !== 4 || (axis !== 1 && axis !== -3)) return undefined;
    return Number.isInteger(Math.log2(shape[1]!)) ? undefined : `${shape[1]}`;
  },
});

function longerThan(limit: number, { inputs }: Operation, scope: Scope): string | undefined {
  const transposed = scope.numbers(inputs.transpose_x)?.[0] === 1;
  const length = singleType(inputs.x)?.shape.at(transposed ? -2 : -1) ?? 0;
  return length > limit ? `${length}` : undefined;
}

export const ATTENTION_RULES: readonly Rule[] = [
  ATTENTION_MASK,
  FUSED_LENGTH,
  MATMUL_FLAGS,
  MATMUL_VIEW,
  MATMUL_LENGTH,
  MATMUL_LENGTH_OLD,
  SOFTMAX_CHANNELS,
];
