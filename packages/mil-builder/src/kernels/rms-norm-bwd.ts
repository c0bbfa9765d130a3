/**
 * RMSNorm backward: with r = (mean(x²) + eps)^(−1/2), u = x·r and g = dxn·weight,
 * dx = r·(g − u·mean(g·u)), the gradient of x where xn = u·weight. Means are over the D channels. dxn: D, x: D channels to
 * dx: D.
 *
 * The sum of g·u is taken over g·u·s with the power of two s of rms-norm.ts, about 2/√D: as Σ u² ≤ D it is at most 2√D·rms(g)
 * and small gradients keep their digits.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import type { Value } from "../program.js";
import { type KernelDims, kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { inverseRms, squareScale } from "./rms-norm.js";
import { channelGains } from "./slots.js";

/** Generates the RMSNorm backward kernel. @throws KernelConfigError */
export function rmsNormBwd(config: LlamaKernelConfig): Kernel<"dxn" | "x", "dx", "norm"> {
  const dims = kernelDims(config);
  const { D } = dims;
  return defineKernel(dims, {
    name: "rmsNormBwd",
    inputs: { dxn: D, x: D },
    outputs: { dx: D },
    weights: { norm: channelGains(D) },
    constants: {},
    body: (f, { dxn, x }, { norm }) => ({
      dx: rmsNormBackward(f, { x, dxn, gains: norm }, 1, dims).dx,
    }),
  });
}

/**
 * The formula over one axis of x.
 * @returns dx, and the normalized u, which the gradient of the gains wants: Σ dxn·u.
 */
export function rmsNormBackward(
  f: FunctionBuilder,
  { x, dxn, gains }: Readonly<Record<"x" | "dxn" | "gains", Value>>,
  axis: number,
  dims: Pick<KernelDims, "normEps">,
): Record<"dx" | "u", Value> {
  const D = x.type.shape[axis]!;
  const s = squareScale(D);
  const r = inverseRms(f, x, axis, dims);
  const u = f.mul({ x, y: r }, "x_normalized");
  const g = f.mul({ x: dxn, y: gains }, "dx_normalized");
  const scaled = f.mul({ x: u, y: s }, "x_normalized_scaled");
  const products = f.mul({ x: g, y: scaled }, "products");
  const sum = f.reduce_sum({ x: products, axes: [axis], keep_dims: true }, "sum_of_products");
  const mean = f.mul({ x: sum, y: 1 / (D * s) }, "mean_product");
  const along = f.mul({ x: u, y: mean }, "along_x");
  const across = f.sub({ x: g, y: along }, "across_x");
  return { dx: f.mul({ x: across, y: r }, "dx"), u };
}
