/** Errors about ops that stand in the way of a gradient. */
import { definedValues, referencesOf } from "../arguments.js";
import type { ArgumentError, ShapeError } from "../errors.js";
import type { Operation } from "../program.js";
import { GradientError } from "./gradient-error.js";
import type { RuleEntry } from "./vjp.js";

/** The op and the value that it defines, as messages name them. */
export function locationOf(operation: Operation): string {
  const [first] = definedValues(operation);
  return `op "${operation.type}" (value "${first?.name ?? referencesOf(operation)[0]?.name ?? ""}")`;
}

/** An error of the ops that a rule appends, such as one that the opset does not have. */
export function invalidOps(operation: Operation, cause: ShapeError | ArgumentError): GradientError {
  return new GradientError(
    "rule",
    `${locationOf(operation)}: the ops of its gradient must be valid here, got: ${cause.message} Build the program for a newer opset, or pass another rule.`,
    cause,
  );
}

/** A parameter that the rule knows nothing of: scalars such as alpha, or an argument that was forgotten. */
export function noGradient(operation: Operation, name: string): GradientError {
  return new GradientError(
    "not_differentiable",
    `${locationOf(operation)}: the rule gives no gradient of "${name}". Write the op out with others, or pass a rule that does.`,
  );
}

/** Why the op has no gradient, and what to do. */
export function refusal(operation: Operation, rule: RuleEntry | undefined): GradientError {
  const known =
    typeof rule === "object" && "refused" in rule
      ? rule
      : {
          refused: "no rule is known",
          advice: 'Pass one in "rules", or express the op with others',
        };
  return new GradientError(
    "not_differentiable",
    `${locationOf(operation)}: ${known.refused}. ${known.advice}.`,
  );
}
