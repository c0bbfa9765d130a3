/** Rules are data: what must hold, who says so, what to do instead, and a function that finds the places. */
import type { AnyValue, Operation, TensorType } from "../program.js";
import type { Chip, Diagnostic, Os } from "./diagnostic.js";
import { isCompileTime, type Scope } from "./scope.js";

/**
 * "language": MIL itself demands it; "agreed": independent projects report it. Both are errors.
 * "single report" and "conflicting" are warnings.
 */
export type RuleStatus = "language" | "agreed" | "single report" | "conflicting";

/** How bad it is to break a rule of that status. */
export const SEVERITIES: Readonly<Record<RuleStatus, Diagnostic["severity"]>> = {
  language: "error",
  agreed: "error",
  "single report": "warning",
  conflicting: "warning",
};

export interface Finding {
  readonly where: string;
  /** What was found; the message is "<statement>, got <actual>". */
  readonly actual: string;
}

/** One row of a family's table. */
export interface Rule {
  readonly id: string;
  /** What must hold. */
  readonly statement: string;
  readonly status: RuleStatus;
  readonly evidence: string;
  readonly remedy: string;
  /** The rule is known of these chips only; absent: of all. */
  readonly chips?: readonly Chip[];
  /** The rule is known of these versions of macOS only; absent: of all. */
  readonly os?: readonly Os[];
  readonly check: (scope: Scope) => Iterable<Finding>;
}

export type RuleText = Omit<Rule, "check">;

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
      for (const operation of scope.operations) {
        if (ops !== undefined && !ops.includes(operation.type)) continue;
        const actual = broken(operation, scope);
        if (actual !== undefined) yield { where: scope.whereIs(operation), actual };
      }
    },
  };
}

/** A rule about the tensors among the function's inputs and outputs, its surfaces on a device. */
export function surfaceRule(
  rule: RuleText & { readonly broken: (type: TensorType) => string | undefined },
): Rule {
  const { broken, ...text } = rule;
  return {
    ...text,
    *check(scope) {
      const { name, inputs, outputs } = scope.function;
      const surfaces: [string, AnyValue][] = [
        ...inputs.map((value): [string, AnyValue] => ["input", value]),
        ...outputs.map((value): [string, AnyValue] => ["output", value]),
      ];
      for (const [kind, value] of surfaces) {
        const actual = value.type.kind === "tensor" ? broken(value.type) : undefined;
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

/** A rule about every tensor that the function takes or computes at run time. */
export function tensorRule(
  rule: RuleText & { readonly broken: (type: TensorType) => string | undefined },
): Rule {
  const { broken, ...text } = rule;
  const find = ({ type }: AnyValue) => (type.kind === "tensor" ? broken(type) : undefined);
  return {
    ...text,
    *check(scope) {
      for (const input of scope.function.inputs) {
        const actual = find(input);
        if (actual !== undefined) {
          yield { where: `${scope.function.name}: input "${input.name}"`, actual };
        }
      }
      for (const operation of scope.operations) {
        if (isCompileTime(operation)) continue;
        for (const output of operation.outputs) {
          const actual = find(output);
          if (actual !== undefined) yield { where: scope.whereIs(operation), actual };
        }
      }
    },
  };
}
