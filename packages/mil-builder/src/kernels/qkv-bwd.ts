/**
 * Backward of the three projections: dx = Wqᵀ·dq + Wkᵀ·dk + Wvᵀ·dv, the gradient of the normalized input xn.
 * dq: QD, dk: KD, dv: KD channels to dx: D.
 */
import type { Kernel } from "../kernel.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { project } from "./project.js";
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
    body: (f, { dq, dk, dv }, { wq, wk, wv }) => {
      const fromQ = project(f, dq, wq, "dx_q");
      const fromK = project(f, dk, wk, "dx_k");
      const fromV = project(f, dv, wv, "dx_v");
      return { dx: f.add({ x: f.add({ x: fromQ, y: fromK }, "dx_qk"), y: fromV }, "dx") };
    },
  });
}
