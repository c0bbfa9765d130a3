/** Builder methods whose ops hold blocks: branches and loops. */
import type { FunctionScope } from "./function-scope.js";
import { opDefinition } from "./ops/table.js";
import type { AnyValue, Argument, Value } from "./program.js";

/** The two sides of a branch, whose results have the same types. */
export interface Branches<R extends readonly AnyValue[]> {
  readonly pred: Value;
  readonly whenTrue: () => R;
  readonly whenFalse: () => NoInfer<R>;
}

/** A loop over variables that keep their types. */
export interface Loop<V extends readonly AnyValue[]> {
  readonly loop_vars: V;
  readonly condition: (...vars: V) => Value;
  readonly body: (...vars: V) => NoInfer<V>;
}

export function callCond<R extends readonly AnyValue[]>(
  scope: FunctionScope,
  branches: Branches<R>,
  name?: string,
): R {
  scope.expectOwn(branches.pred, "cond");
  const blocks = [scope.block([], branches.whenTrue), scope.block([], branches.whenFalse)];
  const pred: Argument = { kind: "value", value: branches.pred };
  // Inference has checked that the results are those of the blocks.
  return scope.append(opDefinition("cond")!, { pred }, name, blocks) as readonly AnyValue[] as R;
}

export function callWhileLoop<V extends readonly AnyValue[]>(
  scope: FunctionScope,
  { loop_vars, condition, body }: Loop<V>,
  name?: string,
): V {
  for (const value of loop_vars) scope.expectOwn(value, "while_loop");
  const blocks = [
    scope.block(loop_vars, (vars) => [condition(...(vars as V))]),
    scope.block(loop_vars, (vars) => body(...(vars as V))),
  ];
  const items = loop_vars.map((value): Argument => ({ kind: "value", value }));
  const args = { loop_vars: { kind: "tuple", items } as const };
  return scope.append(opDefinition("while_loop")!, args, name, blocks) as readonly AnyValue[] as V;
}
