/** Which values depend on which, and by which ops. */
import { referencesOf } from "../arguments.js";
import type { AnyValue, Operation } from "../program.js";
import type { RuleEntry, Rules } from "./vjp.js";

/** All values that the ops compute from `sources`, and these themselves; ops of types that `passes` denies end a way. */
export function dependents(
  operations: readonly Operation[],
  sources: readonly AnyValue[],
  passes: (type: string) => boolean = () => true,
): ReadonlySet<AnyValue> {
  const found = new Set<AnyValue>(sources);
  for (const operation of operations) {
    if (!passes(operation.type)) continue;
    if (!referencesOf(operation).some((value) => found.has(value))) continue;
    for (const value of resultsOf(operation)) found.add(value);
  }
  return found;
}

/** The first op on a way from `source` to `ends` that a gradient is refused at; undefined if there is none. */
export function findRefusal(
  operations: readonly Operation[],
  source: AnyValue,
  ends: readonly AnyValue[],
  rules: Rules,
): Operation | undefined {
  const reached = dependents(operations, [source], (type) => !isZero(rules[type]));
  return leadingTo(operations, ends).find((operation) => {
    const results = resultsOf(operation);
    const isOnWay = results.some((value) => reached.has(value)) && !results.includes(source);
    return isOnWay && typeof rules[operation.type] !== "function";
  });
}

/**
 * The first op on a way from `source` to `ends` that passes no gradient on, where none arrives at `source`; undefined if there is no way.
 * @param isEnd True for an op that passes none to its operands.
 */
export function findEnd(
  operations: readonly Operation[],
  source: AnyValue,
  ends: readonly AnyValue[],
  isEnd: (operation: Operation) => boolean,
): Operation | undefined {
  const reached = new Set<AnyValue>([source]);
  for (const operation of leadingTo(operations, ends)) {
    if (!referencesOf(operation).some((value) => reached.has(value))) continue;
    if (isEnd(operation)) return operation;
    for (const value of resultsOf(operation)) reached.add(value);
  }
  return undefined;
}

/** Whether the gradient of such an op is zero, whatever arrives. */
export function isZero(rule: RuleEntry | undefined): boolean {
  return typeof rule === "object" && "zero" in rule;
}

/** The ops that `ends` depend on, in order. */
function leadingTo(operations: readonly Operation[], ends: readonly AnyValue[]): Operation[] {
  const needed = new Set<AnyValue>(ends);
  const found = operations.toReversed().filter((operation) => {
    const isNeeded = resultsOf(operation).some((value) => needed.has(value));
    if (isNeeded) for (const value of referencesOf(operation)) needed.add(value);
    return isNeeded;
  });
  return found.reverse();
}

/** What an op changes: its results, and the state that it writes. */
export function resultsOf({ type, inputs, outputs }: Operation): readonly AnyValue[] {
  const state = inputs.input;
  return type === "write_state" && state?.kind === "value" ? [...outputs, state.value] : outputs;
}
