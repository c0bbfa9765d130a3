/** The gate of the feed-forward part, silu(h1)·h3, and its backward. All tensors are [1, F, 1, S]. */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";

/** gate = silu(h1)·h3, silu(h) = h·σ(h). */
export function gated(f: FunctionBuilder, h1: Value, h3: Value): Value {
  const silu = f.mul({ x: h1, y: f.sigmoid({ x: h1 }, "sigmoid_h1") }, "silu_h1");
  return f.mul({ x: silu, y: h3 }, "gate");
}

/** dh3 = dgate·silu(h1); dh1 = dgate·h3·silu′(h1), silu′ = σ(1 + h1(1 − σ)) = σ + silu(h1)·(1 − σ). */
export function gatedBackward(
  f: FunctionBuilder,
  { dgate, h1, h3 }: Readonly<Record<"dgate" | "h1" | "h3", Value>>,
): Record<"dh1" | "dh3", Value> {
  const sigmoid = f.sigmoid({ x: h1 }, "sigmoid_h1");
  const silu = f.mul({ x: h1, y: sigmoid }, "silu_h1");
  const complement = f.sub({ x: 1, y: sigmoid }, "one_minus_sigmoid");
  const curvature = f.mul({ x: silu, y: complement }, "silu_complement");
  const slope = f.add({ x: sigmoid, y: curvature }, "silu_slope");
  const dsilu = f.mul({ x: dgate, y: h3 }, "dsilu");
  const dh1 = f.mul({ x: dsilu, y: slope }, "dh1");
  return { dh1, dh3: f.mul({ x: dgate, y: silu }, "dh3") };
}
