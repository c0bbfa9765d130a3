/** Calls the rule of an op, and holds it to its contract: a gradient for each wanted argument, of a shape that fits. */
import { parametersOf, valuesOf } from "../arguments.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Operation, Value } from "../program.js";
import { formatShape } from "../tensor-type.js";
import type { BoundVjp } from "./bound-vjp.js";
import { GradientError } from "./gradient-error.js";
import { isRecord, shown } from "./option-rules.js";
import { failedRule, invalidOps, locationOf, noGradient } from "./refusal.js";
import { spreadsTo } from "./spread.js";
import type { VjpRule } from "./vjp.js";

/** The gradient of one argument of an op. */
export interface ArgumentGradient {
  readonly value: Value;
  readonly gradient: Value;
}

/** @throws GradientError */
export function applyRule(
  rule: VjpRule,
  vjp: BoundVjp,
  isWanted: (value: Value) => boolean,
): readonly ArgumentGradient[] {
  const { operation } = vjp;
  const gradients: unknown = called(rule, vjp);
  if (!isRecord(gradients)) throw noGradients(operation, shown(gradients));
  for (const [name, argument] of Object.entries(parametersOf(operation, operation))) {
    const isMissing =
      !(name in gradients) && valuesOf(argument).some((it) => isWanted(it as Value));
    if (isMissing) throw noGradient(operation, name);
  }
  return Object.entries(gradients).flatMap(([name, given]) =>
    (Array.isArray(given) ? given : [given]).flatMap((gradient: unknown, index) => {
      if (gradient === undefined) return [];
      if (!isTensor(gradient)) throw noGradients(operation, `${shown(gradient)} for "${name}"`);
      if (!vjp.wants(name, index)) return [];
      const value = vjp.values(name)[index]!;
      expectShape(operation, name, value, gradient);
      return [{ value, gradient }];
    }),
  );
}

function called(rule: VjpRule, vjp: BoundVjp): unknown {
  try {
    return rule(vjp);
  } catch (error) {
    if (error instanceof GradientError) throw error;
    const isOfOps = error instanceof ShapeError || error instanceof ArgumentError;
    throw isOfOps ? invalidOps(vjp.operation, error) : failedRule(vjp.operation, error);
  }
}

function isTensor(given: unknown): given is Value {
  return isRecord(given) && isRecord(given.type) && given.type.kind === "tensor";
}

function expectShape(operation: Operation, name: string, { type }: Value, gradient: Value): void {
  if (spreadsTo(gradient.type.shape, type.shape)) return;
  throw new GradientError(
    "rule",
    `${locationOf(operation)}: the gradient of "${name}" must broadcast to ${formatShape(type.shape)} with the same rank, got ${formatShape(gradient.type.shape)}. Correct the rule.`,
  );
}

function noGradients(operation: Operation, actual: string): GradientError {
  return new GradientError(
    "rule",
    `${locationOf(operation)}: its rule must return values or undefined by argument name, got ${actual}. Correct the rule.`,
  );
}
