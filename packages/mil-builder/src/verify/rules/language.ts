/** Rules of the language itself: names, order, ops and types. Sources: MIL.proto and coremltools' type inference. */
import { operandsOf } from "../../arguments.js";
import { ShapeError } from "../../errors.js";
import { opDefinition } from "../../ops/table.js";
import { hasOpset } from "../../opset.js";
import type { Block, Operation } from "../../program.js";
import { compatibleTypes, formatType } from "../../tensor-type.js";
import { type Finding, operationRule, type Rule } from "../rule.js";
import type { Scope } from "../scope.js";

const UNIQUE_NAMES: Rule = {
  id: "duplicate-name",
  statement: "every value of a function has a name of its own",
  status: "language",
  evidence: "MIL is in single-assignment form (coremltools MIL.proto, Block)",
  remedy: "Rename one of the values.",
  *check(scope) {
    yield* repeatedNames(scope.function, new Set(), scope);
  },
};

const DEFINED_BEFORE_USE: Rule = {
  id: "use-before-definition",
  statement: "a value is defined before it is used or returned",
  status: "language",
  evidence: "MIL.proto, Block; Orion #10: an undefined output name gives InvalidMILProgram",
  remedy: "Move the definition up, or correct the name.",
  *check(scope) {
    yield* undefinedNames(scope.function, new Set(), scope);
  },
};

const USED_RESULTS: Rule = {
  id: "dead-result",
  statement: "the result of an op is used or returned",
  status: "single report",
  evidence: "Orion #10: a dead output gives InvalidMILProgram",
  remedy: "Remove the op, or return its result.",
  *check(scope) {
    const used = new Set<string>();
    for (const operation of scope.operations) {
      for (const { name } of operandsOf(operation)) used.add(name);
    }
    for (const { outputs } of [scope.function, ...scope.operations.flatMap(blocksOf)]) {
      for (const { name } of outputs) used.add(name);
    }
    for (const operation of scope.computations) {
      const { outputs } = operation;
      if (outputs.length > 0 && !outputs.some(({ name }) => used.has(name))) {
        yield { where: scope.whereIs(operation), actual: "no use" } satisfies Finding;
      }
    }
  },
};

const KNOWN_OP = operationRule({
  id: "unknown-op",
  statement: "the op is one of the definitions of this package",
  status: "language",
  evidence: "coremltools op registry",
  remedy: "Correct the op type, or express it with other ops.",
  broken: ({ type }) => (opDefinition(type) === undefined ? `"${type}"` : undefined),
});

const OPSET = operationRule({
  id: "opset",
  statement: "the function's opset has the op",
  status: "language",
  evidence: "coremltools op registry, by opset",
  remedy: "Raise the function's opset, or use an older op.",
  broken({ type, opset: own }, { function: main }) {
    const opset = own ?? main.opset;
    const since = opDefinition(type, opset)?.since;
    if (since === undefined || hasOpset(opset, since)) return undefined;
    return `${opset}, where ${type} needs ${since}`;
  },
});

const ARGUMENTS = operationRule({
  id: "op-arguments",
  statement: "the arguments of an op keep the rules of its definition",
  status: "language",
  evidence: "type inference of coremltools' op definitions",
  remedy: "Correct the arguments.",
  broken(operation, scope) {
    const inferred = scope.inference(operation);
    return inferred instanceof ShapeError ? `${inferred.actual} where ${inferred.rule}` : undefined;
  },
});

const RESULT_TYPE = operationRule({
  id: "result-type",
  statement: "the declared types of an op's results are the inferred ones",
  status: "language",
  evidence: "type inference of coremltools' op definitions",
  remedy: "Correct the declared type.",
  broken(operation, scope) {
    const inferred = scope.inference(operation);
    if (inferred === undefined || inferred instanceof ShapeError) return undefined;
    const declared = operation.outputs.map(({ type }) => type);
    const isRight =
      inferred.length === declared.length &&
      inferred.every((type, i) => compatibleTypes(type, declared[i]!));
    return isRight
      ? undefined
      : `${declared.map(formatType).join(", ")} for ${inferred.map(formatType).join(", ")}`;
  },
});

/** Results of a block, and of those inside it, that have a name which is taken there. */
function* repeatedNames(
  { inputs, operations }: Block,
  around: ReadonlySet<string>,
  scope: Scope,
): Generator<Finding> {
  const seen = new Set([...around, ...inputs.map(({ name }) => name)]);
  for (const operation of operations) {
    for (const block of blocksOf(operation)) yield* repeatedNames(block, seen, scope);
    for (const { name } of operation.outputs) {
      if (seen.has(name)) yield { where: scope.whereIs(operation), actual: `"${name}" again` };
      seen.add(name);
    }
  }
}

/** Names that a block, or one inside it, reads or returns without a definition. */
function* undefinedNames(
  { inputs, operations, outputs }: Block,
  around: ReadonlySet<string>,
  scope: Scope,
): Generator<Finding> {
  const defined = new Set([...around, ...inputs.map(({ name }) => name)]);
  for (const operation of operations) {
    for (const { name } of operandsOf(operation)) {
      if (!defined.has(name)) yield { where: scope.whereIs(operation), actual: `"${name}"` };
    }
    for (const block of blocksOf(operation)) yield* undefinedNames(block, defined, scope);
    for (const { name } of operation.outputs) defined.add(name);
  }
  for (const { name } of outputs) {
    if (!defined.has(name)) {
      yield { where: `${scope.function.name}: output "${name}"`, actual: "no definition" };
    }
  }
}

/** The blocks of `cond` and `while_loop`; none for other ops. */
function blocksOf({ blocks = [] }: Operation): readonly Block[] {
  return blocks;
}

export const LANGUAGE_RULES: readonly Rule[] = [
  UNIQUE_NAMES,
  DEFINED_BEFORE_USE,
  USED_RESULTS,
  KNOWN_OP,
  OPSET,
  ARGUMENTS,
  RESULT_TYPE,
];
