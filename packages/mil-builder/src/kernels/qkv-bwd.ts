/**
 * Backward of the three projections: dx = Wqᵀ·dq + Wkᵀ·dk + Wvᵀ·dv, the gradient of the normalized input xn.
 * dq: QD, dk: KD, dv: KD channels to dx: D.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import type { Value } from "../program.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { type Projector, projector } from "./project.js";
import { transposedMatrix } from "./slots.js";

/** Generates the backward of the query, key and value projections. @throws KernelConfigError */
export function qkvBwd(
  config: LlamaKernelConfig,
): Kernel<"dq" | "dk" | "dv", "dx", "wq" | "wk" | "wv"> {
  const dims = kernelDims(config);
  const { D, QD, KD } = dims;
  return defineKernel(dims, {
    name: "qkvBwd",
    inputs: { dq: QD, dk: KD, dv: KD },
    outputs: { dx: D },
    weights: {
      wq: transposedMatrix(QD, D),
      wk: transposedMatrix(KD, D),
      wv: transposedMatrix(KD, D),
    },
    constants: {},
    body: (f, gradients, weights) => projectionsBackward(f, gradients, projector(f, weights)),
  });
}

/** The formula, for any way to multiply by the weights. */
export function projectionsBackward(
  f: FunctionBuilder,
  { dq, dk, dv }: Readonly<Record<"dq" | "dk" | "dv", Value>>,
  project: Projector<"wq" | "wk" | "wv">,
): Record<"dx", Value> {
  const fromQ = project("wq", dq, "dx_q");
  const fromK = project("wk", dk, "dx_k");
  const fromV = project("wv", dv, "dx_v");
  return { dx: f.add({ x: f.add({ x: fromQ, y: fromK }, "dx_qk"), y: fromV }, "dx") };
}
