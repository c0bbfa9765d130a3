/** Rules about ops that are reported to fail wherever they appear, and about one that fails for some arguments. */
import type { Chip } from "../diagnostic.js";
import { operationRule, type Rule, type RuleStatus } from "../rule.js";

interface DeniedOps {
  readonly id: string;
  /** What the ops are called together. */
  readonly what?: string;
  readonly ops: readonly string[];
  readonly status: RuleStatus;
  readonly evidence: string;
  readonly remedy: string;
  readonly chips?: readonly Chip[];
}

const DENIED: readonly DeniedOps[] = [
  {
    id: "unsupported-op",
    what: "ops that the engine lacks",
    ops: [
      ...["mod", "cumsum", "reduce_prod", "lstm", "gru", "rnn"],
      ...["random_bernoulli", "random_categorical", "random_normal", "random_uniform"],
      ...["make_list", "list_gather", "list_length", "list_read", "list_scatter", "list_write"],
      ...["acos", "asin", "atanh", "cosh", "sinh", "tan"],
      ...["band_part", "crop_resize", "non_zero", "one_hot", "range_1d", "sliding_windows"],
      ...["scatter", "scatter_along_axis", "scatter_nd"],
      ...["logical_and", "logical_not", "logical_or", "logical_xor"],
    ],
    status: "agreed",
    evidence: "ANEForge, 751K",
    remedy: "Compute it on the CPU, or bring it along as a constant.",
  },
  {
    id: "gather",
    what: "gathers",
    ops: ["gather", "gather_along_axis", "gather_nd"],
    status: "single report",
    evidence: "ironmill: gather with computed indices fails; hollance/neural-engine, older chips",
    remedy: "Look up on the CPU, or multiply by a constant selection matrix.",
  },
  {
    id: "tile",
    ops: ["tile"],
    status: "conflicting",
    evidence:
      "field-guide: every later evaluation in the process returns 0x1d; 751K lists it as working",
    remedy: "Concatenate the tensor with itself.",
  },
  {
    id: "gelu",
    ops: ["gelu"],
    status: "conflicting",
    evidence: "Orion #10: not valid; ANEForge and 751K run it, with an explicit mode",
    remedy: "Write it with tanh or sigmoid.",
  },
  {
    id: "reduce-mean",
    ops: ["reduce_mean"],
    status: "conflicting",
    evidence: "Espresso: missing; ANEForge and 751K run it",
    remedy: "Use reduce_sum, then mul by 1 / count.",
  },
  {
    id: "rsqrt",
    ops: ["rsqrt"],
    status: "conflicting",
    evidence: "Espresso: missing; ANEForge and 751K run it",
    remedy: "Use pow with exponent -0.5.",
  },
  {
    id: "sin-cos",
    what: "sin and cos",
    ops: ["sin", "cos"],
    status: "single report",
    evidence: "ANEForge: needs A15",
    remedy: "Bring a table along as a constant.",
    chips: ["m1"],
  },
];

const TOPK_COUNT = operationRule({
  id: "topk-count",
  statement: "topk finds neither 3 nor 4 elements",
  status: "single report",
  evidence: "ANEForge",
  remedy: "Find 5 and cut off the rest.",
  ops: ["topk"],
  broken({ inputs }, scope) {
    const [k] = scope.numbers(inputs.k) ?? [];
    return k === 3 || k === 4 ? `${k}` : undefined;
  },
});

export const UNSUPPORTED_OP_RULES: readonly Rule[] = [
  ...DENIED.map((denied) =>
    operationRule({
      ...denied,
      statement: `the function does without ${denied.ops.length === 1 ? denied.ops[0] : denied.what}`,
      broken: ({ type }) => type,
    }),
  ),
  TOPK_COUNT,
];
