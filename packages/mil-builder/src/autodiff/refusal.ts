/** Errors about ops that stand in the way of a gradient. */
import { isFloat } from "../dtype.js";
import type { Operation } from "../program.js";
import { resultsOf } from "./dependents.js";
import { GradientError } from "./gradient-error.js";
import type { RefusedRule, RuleEntry } from "./vjp.js";

/** The op and the value that it defines or changes, as messages name them. */
export function locationOf(operation: Operation): string {
  return `op "${operation.type}" (value "${resultsOf(operation)[0]?.name ?? ""}")`;
}

/** An error of the ops that a rule appends, such as one that the opset does not have. */
export function invalidOps(operation: Operation, cause: Error): GradientError {
  return new GradientError(
    "rule",
    `${locationOf(operation)}: the ops of its gradient must be valid here, got: ${cause.message} Build the program for a newer opset, or pass another rule.`,
    cause,
  );
}

/** Any other error of a rule. */
export function failedRule(operation: Operation, cause: unknown): GradientError {
  return new GradientError(
    "rule",
    `${locationOf(operation)}: its rule must give gradients, got an error: ${String(cause)}. Correct the rule.`,
    cause instanceof Error ? cause : undefined,
  );
}

/** A parameter that the rule knows nothing of: scalars such as alpha, or an argument that was forgotten. */
export function noGradient(operation: Operation, name: string): GradientError {
  return new GradientError(
    "not_differentiable",
    `${locationOf(operation)}: the rule gives no gradient of "${name}". Write the op out with others, or pass a rule that does.`,
  );
}

/** The op at which a gradient ends, and why. */
export function ending(operation: Operation, rule: RuleEntry | undefined): string {
  const isKnown = typeof rule === "object" && "zero" in rule;
  return `${locationOf(operation)}: ${isKnown ? rule.zero : constantIn(operation)}`;
}

/** Why an op passes no gradient on whose rule is a function. */
function constantIn({ outputs }: Operation): string {
  const type = outputs[0]?.type;
  const isFloats = type?.kind === "tensor" && isFloat(type.dtype);
  return isFloats
    ? "its rule gives a gradient of zero"
    : "what is no floating-point tensor has no gradient";
}

const UNKNOWN: RefusedRule = {
  refused: "no rule is known",
  advice: 'Pass one in "rules", or express the op with others',
};

export function isRefused(rule: RuleEntry | undefined): rule is RefusedRule {
  return typeof rule === "object" && "refused" in rule;
}

/** Why the op has no gradient, and what to do. */
export function refusal(operation: Operation, rule: RuleEntry | undefined): GradientError {
  const known = isRefused(rule) ? rule : UNKNOWN;
  return new GradientError(
    "not_differentiable",
    `${locationOf(operation)}: ${known.refused}. ${known.advice}.`,
  );
}
