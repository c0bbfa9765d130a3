/** The verifier's rules by family: one file each under rules/, in the order in which they are reported. */
import type { Rule } from "./rule.js";
import { ARITHMETIC_RULES } from "./rules/arithmetic.js";
import { ATTENTION_RULES } from "./rules/attention.js";
import { CONVOLUTION_RULES } from "./rules/convolution.js";
import { DIALECT_RULES } from "./rules/dialect.js";
import { DTYPE_RULES } from "./rules/dtypes.js";
import { EXTENT_RULES } from "./rules/extents.js";
import { LANGUAGE_RULES } from "./rules/language.js";
import { MOVEMENT_RULES } from "./rules/movement.js";
import { SURFACE_RULES } from "./rules/surfaces.js";
import { UNSUPPORTED_OP_RULES } from "./rules/unsupported-ops.js";
import { WEIGHT_RULES } from "./rules/weights.js";

/** Rules by the name of their family. */
export const RULE_FAMILIES: Readonly<Record<string, readonly Rule[]>> = {
  "The language": LANGUAGE_RULES,
  "Dialect and header": DIALECT_RULES,
  Surfaces: SURFACE_RULES,
  "Ranks, extents and sizes": EXTENT_RULES,
  "Weight files": WEIGHT_RULES,
  Dtypes: DTYPE_RULES,
  "Convolution and pooling": CONVOLUTION_RULES,
  "Matrix products and attention": ATTENTION_RULES,
  "Arithmetic and reductions": ARITHMETIC_RULES,
  "Moving elements": MOVEMENT_RULES,
  "Unsupported ops": UNSUPPORTED_OP_RULES,
};

export const RULES: readonly Rule[] = Object.values(RULE_FAMILIES).flat();
