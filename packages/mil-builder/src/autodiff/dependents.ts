/** Which values depend on which, and by which ops. */
import { referencesOf } from "../arguments.js";
import type { AnyValue, Operation } from "../program.js";
import type { Rules } from "./vjp.js";

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
  const reached = dependents(operations, [source], (type) => !("zero" in (rules[type] ?? {})));
  const needed = new Set<AnyValue>(ends);
  let first: Operation | undefined;
  for (const operation of operations.toReversed()) {
    const results = resultsOf(operation);
    if (!results.some((value) => needed.has(value))) continue;
    for (const value of referencesOf(operation)) needed.add(value);
    const isOnWay = results.some((value) => reached.has(value));
    if (isOnWay && typeof rules[operation.type] !== "function" && !results.includes(source)) {
      first = operation;
    }
  }
  return first;
}

/** What an op changes: its results, and the state that it writes. */
function resultsOf({ type, inputs, outputs }: Operation): readonly AnyValue[] {
  const state = inputs.input;
  return type === "write_state" && state?.kind === "value" ? [...outputs, state.value] : outputs;
}
