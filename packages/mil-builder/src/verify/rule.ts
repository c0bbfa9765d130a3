/** Rules are data: what must hold, who says so, what to do instead, and a function that finds the places. */
import type { Operation, TensorType, Value } from "../program.js";
import type { Chip } from "./diagnostic.js";
import type { Scope } from "./scope.js";

/**
 * "language": MIL itself demands it; "agreed": independent projects report it. Both are errors.
 * "single report" and "conflicting" are warnings.
 */
export type RuleStatus = "language" | "agreed" | "single report" | "conflicting";

export interface Finding {
  readonly where: string;
  /** What was found; the message is "<statement>, got <actual>". */
  readonly actual: string;
}

export interface Rule {
  readonly id: string;
  /** What must hold. */
  readonly statement: string;
  readonly status: RuleStatus;
  readonly evidence: string;
  readonly remedy: string;
  /** The rule is known of these chips only; absent: of all. */
  readonly chips?: readonly Chip[];
  readonly check: (scope: Scope) => Iterable<Finding>;
}

type RuleText = Omit<Rule, "check">;

/** A rule about ops one by one: `broken` gives what was found, or undefined where the rule holds. */
export function operationRule(
  rule: RuleText & {
    /** Types of the ops it looks at; absent: all. */
    readonly ops?: readonly string[];
    readonly broken: (operation: Operation, scope: Scope) => string | undefined;
  },
): Rule {
  const { ops, broken, ...text } = rule;
  return {
    ...text,
    *check(scope) {
      for (const operation of scope.function.operations) {
        if (ops !== undefined && !ops.includes(operation.type)) continue;
        const actual = broken(operation, scope);
        if (actual !== undefined) yield { where: scope.whereIs(operation), actual };
      }
    },
  };
}

/** A rule about the types of the function's inputs and outputs, its surfaces on a device. */
export function surfaceRule(
  rule: RuleText & { readonly broken: (type: TensorType) => string | undefined },
): Rule {
  const { broken, ...text } = rule;
  return {
    ...text,
    *check(scope) {
      const { name, inputs, outputs } = scope.function;
      const surfaces: [string, Value][] = [
        ...inputs.map((value): [string, Value] => ["input", value]),
        ...outputs.map((value): [string, Value] => ["output", value]),
      ];
      for (const [kind, value] of surfaces) {
        const actual = broken(value.type);
        if (actual !== undefined) yield { where: `${name}: ${kind} "${value.name}"`, actual };
      }
    },
  };
}

/** A rule about the program as a whole; reported once per function, as that is where a reader looks. */
export function headerRule(
  rule: RuleText & { readonly broken: (scope: Scope) => string | undefined },
): Rule {
  const { broken, ...text } = rule;
  return {
    ...text,
    *check(scope) {
      const actual = broken(scope);
      if (actual !== undefined) yield { where: scope.function.name, actual };
    },
  };
}
