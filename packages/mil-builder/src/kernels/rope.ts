/**
 * RoPE on channel-first heads x [1, n·h, 1, S]: channels (2i, 2i+1) of each head turn at position s by the angle
 * s·theta^(−2i/h): even′ = even·cos − odd·sin, odd′ = odd·cos + even·sin. The pairs are taken apart on an axis of their own,
 * [1, n·h/2, 2, S]: cutting and joining the width axis is reported rejected on M3 Ultra (rustane, pull request 9).
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import type { KernelDims } from "./config.js";
import { type ConstantBlob, constantBlob } from "./constant-blob.js";

export type RopeConstant = "rope_cos" | "rope_sin";

type RopeTables = Readonly<Record<RopeConstant, Value>>;

/** cos and sin for every pair of the query heads [1, H·h/2, 1, S]; fewer heads take the first rows. */
export function ropeConstants({
  S,
  h,
  QD,
  ropeTheta,
  dtype,
}: KernelDims): Record<RopeConstant, ConstantBlob> {
  const table = (name: RopeConstant, of: (angle: number) => number) => {
    // One head: all are alike.
    const elements = () => {
      const head = new Float64Array((h / 2) * S);
      for (let pair = 0; pair < h / 2; pair++) {
        const frequency = ropeTheta ** ((-2 * pair) / h);
        for (let s = 0; s < S; s++) head[pair * S + s] = of(s * frequency);
      }
      return head;
    };
    return constantBlob(name, dtype, [1, QD / 2, 1, S], elements, [h, ropeTheta]);
  };
  return { rope_cos: table("rope_cos", Math.cos), rope_sin: table("rope_sin", Math.sin) };
}

/** Turns the heads x [1, n·h, 1, S] by their positions. */
export function rope(f: FunctionBuilder, x: Value, tables: RopeTables, name: string): Value {
  return turn(f, x, tables, name, { even: "sub", odd: "add" });
}

/** The transpose of `rope`, a turn by the negative angle: gradients dy [1, n·h, 1, S] of turned heads. */
export function ropeBackward(
  f: FunctionBuilder,
  dy: Value,
  tables: RopeTables,
  name: string,
): Value {
  return turn(f, dy, tables, name, { even: "add", odd: "sub" });
}

/** How the partner's share, partner·sin, enters each channel of a pair. */
interface Signs {
  readonly even: "add" | "sub";
  readonly odd: "add" | "sub";
}

function turn(
  f: FunctionBuilder,
  x: Value,
  { rope_cos, rope_sin }: RopeTables,
  name: string,
  signs: Signs,
): Value {
  const [, channels, , S] = x.type.shape as [number, number, number, number];
  const half = [1, channels / 2, 1, S] as const;
  const pairs = f.reshape({ x, shape: [1, channels / 2, 2, S] }, `${name}_pairs`);
  const member = (parity: number, of: string) =>
    f.slice_by_size({ x: pairs, begin: [0, 0, parity, 0], size: half }, `${name}_${of}`);
  const rows = (table: Value, of: string) =>
    table.type.shape[1] === half[1]
      ? table
      : f.slice_by_size({ x: table, begin: [0, 0, 0, 0], size: half }, `${name}_${of}`);
  const [even, odd] = [member(0, "even"), member(1, "odd")];
  const [cos, sin] = [rows(rope_cos, "cos"), rows(rope_sin, "sin")];
  const mixed = (own: Value, partner: Value, sign: "add" | "sub", of: string) =>
    f[sign](
      {
        x: f.mul({ x: own, y: cos }, `${name}_${of}_cos`),
        y: f.mul({ x: partner, y: sin }, `${name}_${of}_sin`),
      },
      `${name}_${of}_turned`,
    );
  const values = [mixed(even, odd, signs.even, "even"), mixed(odd, even, signs.odd, "odd")];
  const joined = f.concat({ values, axis: 2, interleave: false }, `${name}_joined`);
  return f.reshape({ x: joined, shape: [1, channels, 1, S] }, name);
}
