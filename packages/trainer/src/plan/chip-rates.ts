/** From a chip and the calibrated coefficients to the rates that a step is priced with. */
import type { Chip, EngineFamily } from "./chips.js";
import type { MachineRates } from "./step-time.js";

/** What calibration fits; all positive. */
export interface Coefficients {
  /** sgemm in the step's own time, TFLOP/s per cluster and GHz. */
  readonly gemm: number;
  /** Its growth with the number of clusters, an exponent. */
  readonly clusterExponent: number;
  /** Rate of the weight gradients over that of the classifier. */
  readonly gradientShare: number;
  /** Conversions, GB/s read and written. */
  readonly conversion: number;
  /** Copies, GB/s read and written. */
  readonly copy: number;
  /** Passes over tensors, G operations per second. */
  readonly pass: number;
  /** Operations that an element of a transposition costs as much as. */
  readonly transpose: number;
  /** Ports of the engine, GB/s. */
  readonly port: number;
  /** TFLOP/s of the engine by family. */
  readonly h13: number;
  readonly h15: number;
  readonly h16: number;
}

/**
 * Dispatch of one evaluation, ms, as published: h13 maderix/ANE issue #24, h15 issue #42 (the smallest program that runs there), h16
 * maderix's part 2, Orion RESULTS.md and rustane. Nobody published the others: h14 is taken for h13, h17 for h16.
 */
const DISPATCH_MS: Readonly<Record<EngineFamily, number>> = {
  h13: 0.16,
  h14: 0.16,
  h15: 0.189,
  h16: 0.095,
  h17: 0.095,
};

/** Without a published step: h14 between its neighbours; h17 as h16, since PR #50 measured the same peak. */
function engineTflops(family: EngineFamily, { h13, h15, h16 }: Coefficients): number {
  const rates = { h13, h14: Math.sqrt(h13 * h15), h15, h16, h17: h16 };
  return rates[family];
}

export function chipRates(chip: Chip, coefficients: Coefficients): MachineRates {
  const { gemm, clusterExponent, gradientShare, conversion, copy, pass, transpose, port } =
    coefficients;
  const gemmFlops = 1e12 * gemm * chip.clockGHz * chip.clusters ** clusterExponent;
  return {
    deviceFlops: 1e12 * engineTflops(chip.family, coefficients),
    portBytes: 1e9 * port,
    dispatchMs: DISPATCH_MS[chip.family],
    gemmFlops,
    gradientFlops: gradientShare * gemmFlops,
    conversionBytes: 1e9 * conversion,
    copyBytes: 1e9 * copy,
    passOps: 1e9 * pass,
    transposeOps: transpose,
    overlap: true,
  };
}
