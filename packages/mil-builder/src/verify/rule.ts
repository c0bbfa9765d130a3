/** Rules are data: what must hold, who says so, what to do instead, and a function that finds the places. */
import type { AnyValue, BlobReference, Operation, TensorType } from "../program.js";
import type { Chip, Diagnostic, Os } from "./diagnostic.js";
import type { Scope } from "./scope.js";

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
  /** Types of the ops it looks at; absent: all. */
  readonly ops?: readonly string[];
  readonly check: (scope: Scope) => Iterable<Finding>;
}

export type RuleText = Omit<Rule, "check">;

/** A rule about ops one by one: `broken` gives what was found, or undefined where the rule holds. */
export function operationRule(
  rule: RuleText & {
    readonly broken: (operation: Operation, scope: Scope) => string | undefined;
  },
): Rule {
  const { broken, ...text } = rule;
  const { ops } = text;
  return {
    ...text,
    check(scope) {
      const findings: Finding[] = [];
      const operations = ops === undefined ? scope.operations : scope.operationsOf(ops);
      operations.forEach((operation) => {
        const actual = broken(operation, scope);
        if (actual !== undefined) findings.push({ where: scope.whereIs(operation), actual });
      });
      return findings;
    },
  };
}

/** A rule about references to weight files. */
export function blobRule(
  rule: RuleText & { readonly broken: (blob: BlobReference) => string | undefined },
): Rule {
  const { broken, ...text } = rule;
  return {
    ...text,
    *check(scope) {
      for (const [operation, blob] of scope.blobs) {
        const actual = broken(blob);
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
  return {
    ...text,
    check(scope) {
      const findings: Finding[] = [];
      scope.tensors.forEach(({ type, operation, name }) => {
        const actual = broken(type);
        if (actual === undefined) return;
        const input = `${scope.function.name}: input "${name}"`;
        findings.push({ where: operation ? scope.whereIs(operation) : input, actual });
      });
      return findings;
    },
  };
}
