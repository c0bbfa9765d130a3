/**
 * Conditions as numbers, 1 where they hold and 0 elsewhere, by arithmetic: the engine compares badly, and `select` wants booleans.
 * They are piecewise constant, so that gradients of gradients pass by them.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";

/** 1 where x > 0. */
export function isPositive(f: FunctionBuilder, x: Value): Value {
  return f.sign({ x: f.relu({ x }) });
}

/** 1 where x = bound, given that x ≤ bound everywhere. */
export function isAtBound(f: FunctionBuilder, x: Value, bound: Value): Value {
  return f.sub({ x: 1, y: f.sign({ x: f.sub({ x: bound, y: x }) }) });
}

/** 1 where x = y. */
export function isEqual(f: FunctionBuilder, x: Value, y: Value): Value {
  const apart = f.sign({ x: f.abs({ x: f.sub({ x, y }) }) });
  return f.sub({ x: 1, y: apart });
}
