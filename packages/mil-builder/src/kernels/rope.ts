/**
 * Rotary position embedding of interleaved pairs: channels (2i, 2i+1) of each head at position s turn by the angle
 * s·theta^(−2i/h). On x [1, n, S, h]: y = x·cos + (x·R)·sin, with cos and sin [1, 1, S, h] equal within a pair.
 * R [1, 1, h, h] swaps each pair and negates: (x·R)[2i] = −x[2i+1], (x·R)[2i+1] = x[2i]. A matmul, because slicing and
 * joining the width axis is reported rejected on M3 Ultra (rustane, pull request 9).
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import type { KernelDims } from "./config.js";
import { type ConstantBlob, constantBlob } from "./constant-blob.js";

export type RopeConstant = "rope_cos" | "rope_sin" | "rope_rotation";

/** cos, sin [1, 1, S, h] and the rotation matrix R [1, 1, h, h]. */
export function ropeConstants({
  S,
  h,
  ropeTheta,
  dtype,
}: KernelDims): Record<RopeConstant, ConstantBlob> {
  const angle = (index: number) => {
    const channel = index % h;
    return Math.floor(index / h) * ropeTheta ** (-(channel - (channel % 2)) / h);
  };
  const rotation = (index: number) => {
    const from = Math.floor(index / h);
    const to = index % h;
    if (from % 2 === 0) return to === from + 1 ? 1 : 0;
    return to === from - 1 ? -1 : 0;
  };
  return {
    rope_cos: constantBlob("rope_cos", dtype, [1, 1, S, h], (index) => Math.cos(angle(index))),
    rope_sin: constantBlob("rope_sin", dtype, [1, 1, S, h], (index) => Math.sin(angle(index))),
    rope_rotation: constantBlob("rope_rotation", dtype, [1, 1, h, h], rotation),
  };
}

/** Turns the heads x [1, n, S, h] by their positions. */
export function rope(
  f: FunctionBuilder,
  x: Value,
  constants: Readonly<Record<RopeConstant, Value>>,
  name: string,
): Value {
  const { along, across } = parts(f, x, constants, name);
  return f.add({ x: along, y: across }, name);
}

/** The transpose of `rope`: turns gradients of rotated heads [1, n, S, h] back. Since Rᵀ = −R, only a sign differs. */
export function ropeBackward(
  f: FunctionBuilder,
  dy: Value,
  constants: Readonly<Record<RopeConstant, Value>>,
  name: string,
): Value {
  const { along, across } = parts(f, dy, constants, name);
  return f.sub({ x: along, y: across }, name);
}

function parts(
  f: FunctionBuilder,
  x: Value,
  constants: Readonly<Record<RopeConstant, Value>>,
  name: string,
): { along: Value; across: Value } {
  const swapped = f.matmul(
    { x, y: constants.rope_rotation, transpose_x: false, transpose_y: false },
    `${name}_swapped`,
  );
  return {
    along: f.mul({ x, y: constants.rope_cos }, `${name}_cos`),
    across: f.mul({ x: swapped, y: constants.rope_sin }, `${name}_sin`),
  };
}
