/**
 * AdamW (Loshchilov and Hutter 2019) over a tile of parameters, N = C · W of them as [1, C, 1, W]. All tensors are halves, so
 * what would be lost in them is kept otherwise:
 * - a parameter is w + wRest · 2^-12: an increment smaller than half a step of w collects in the rest (Fast2Sum, Dekker 1971);
 * - the second moment is its root u + uRest · 2^-8: no square leaves the range of a half, and changes by 1 − β2 are not rounded away;
 * - gradients and moments are scaled by one power of two, which Adam does not see but in epsilon.
 *
 * m' = m + (1 − β1)(g − m)                       u' = √(β2·u² + (1 − β2)·g²), as hypot
 * w' = w − rate·m' / (u' + floor) − decay·w      rate = lr·√(1 − β2^t)/(1 − β1^t), floor = ε·√(1 − β2^t)·scale, decay = lr·λ
 */
import type { FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import type { Opset, Value } from "../program.js";
import { defineKernel } from "./define-kernel.js";

/** What an AdamW kernel is generated from. */
export interface AdamWKernelConfig {
  /** C: channels of a tile. */
  readonly channels: number;
  /** W: columns of a tile, a multiple of 32. */
  readonly columns: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Type of every tensor. Default "fp16"; "fp32" is for debugging. */
  readonly dtype?: "fp16" | "fp32";
  /** Opset of the function, default "ios18". */
  readonly opset?: Opset;
}

/** Powers of two by which the rests are larger than what they stand for: they stay normal halves that way. */
export const ADAM_W_REST = { weight: 2 ** 12, root: 2 ** 8 } as const;

/** `rate`, `decay` and `floor` are a channel each, filled with one number; rate and decay times `ADAM_W_REST.weight`. */
export type AdamWInput = AdamWOutput | "g" | "rate" | "decay" | "floor";
export type AdamWOutput = "w" | "wRest" | "m" | "u" | "uRest";

/** Smallest half: keeps 0 / 0 out where a parameter never had a gradient. */
const TINY = 2 ** -24;

/** Generates the kernel. @throws KernelConfigError for columns that are no multiple of 32 */
export function adamW(config: AdamWKernelConfig): Kernel<AdamWInput, AdamWOutput, never> {
  const { channels: C, columns: W, beta1, beta2, dtype = "fp16", opset = "ios18" } = config;
  return defineKernel(
    { S: W, dtype, opset },
    {
      name: "adamW",
      inputs: { w: C, wRest: C, m: C, u: C, uRest: C, g: C, rate: 1, decay: 1, floor: 1 },
      outputs: { w: C, wRest: C, m: C, u: C, uRest: C },
      weights: {},
      constants: {},
      body: (f, { w, wRest, m, u, uRest, g, rate, decay, floor }) => {
        const change = f.mul({ x: f.sub({ x: g, y: m }), y: 1 - beta1 });
        const nextM = f.add({ x: m, y: change }, "next_m");

        const size = f.abs({ x: g });
        const increment = rootIncrement(f, u, size, beta2, ADAM_W_REST.root);
        const rootRest = f.add({ x: uRest, y: increment });
        const root = foldIntoPair(f, u, rootRest, ADAM_W_REST.root);

        // The quotient first: it is about 1, where rate · m could vanish.
        const direction = f.real_div({ x: nextM, y: f.add({ x: root[0], y: floor }) });
        const step = f.mul({ x: rate, y: direction });
        const shrink = f.mul({ x: decay, y: w });
        const weightRest = f.sub({ x: wRest, y: f.add({ x: step, y: shrink }) });
        const weight = foldIntoPair(f, w, weightRest, ADAM_W_REST.weight);
        return { w: weight[0], wRest: weight[1], m: nextM, u: root[0], uRest: root[1] };
      },
    },
  );
}

/**
 * (u' − u) · scale for u' = √(β2·u² + (1 − β2)·g²), to the precision of a half in itself: (1 − β2)(g − u)(g + u) / (u' + u). The
 * u' in it is max·√(1 + (min/max)²), which neither overflows nor underflows; scaled early, so that it does not vanish.
 */
function rootIncrement(
  f: FunctionBuilder,
  u: Value,
  g: Value,
  beta2: number,
  scale: number,
): Value {
  const kept = f.mul({ x: u, y: Math.sqrt(beta2) });
  const added = f.mul({ x: g, y: Math.sqrt(1 - beta2) });
  const larger = f.add({ x: f.maximum({ x: kept, y: added }), y: TINY });
  const ratio = f.real_div({ x: f.minimum({ x: kept, y: added }), y: larger });
  const length = f.sqrt({ x: f.add({ x: f.mul({ x: ratio, y: ratio }), y: 1 }) });
  const hypot = f.mul({ x: larger, y: length });
  const share = f.real_div({ x: f.add({ x: g, y: u }), y: f.add({ x: hypot, y: u }) });
  const difference = f.mul({ x: f.sub({ x: g, y: u }), y: (1 - beta2) * scale });
  return f.mul({ x: difference, y: share }, "u_increment");
}

type Pair = readonly [high: Value, rest: Value];

/** high + rest / scale as a pair whose high part is the sum rounded to a half: rest − (high' − high)·scale is exact. */
function foldIntoPair(f: FunctionBuilder, high: Value, rest: Value, scale: number): Pair {
  const sum = f.add({ x: high, y: f.mul({ x: rest, y: 1 / scale }) });
  const taken = f.mul({ x: f.sub({ x: sum, y: high }), y: scale });
  return [sum, f.sub({ x: rest, y: taken })];
}
