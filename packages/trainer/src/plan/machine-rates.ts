/**
 * The rates of this machine as the cpu device uses it, measured with the operations themselves, which takes half a second. Kernels and
 * weight gradients share its cores, so nothing overlaps.
 */
import { copyStrided, gemm, rmsNormForward, toHalf } from "@ane/accel-ops";
import { PER_ELEMENT } from "../step-counters.js";
import type { MachineRates } from "./step-time.js";

/** A product, a conversion and a pass of Stories110M. */
const [D, F, S] = [768, 2048, 256];

const SECONDS = 0.1;

export function measureMachine(): MachineRates {
  const [x, w, y] = [filled(F * S), filled(D * F), new Float32Array(D * S)];
  const [half, copy] = [new Uint16Array(F * S), new Float32Array(F * S)];
  const gemmFlops =
    2 *
    D *
    F *
    S *
    perSecond(() =>
      gemm({
        m: D,
        n: S,
        k: F,
        a: { data: w, rowStride: F, columnStride: 1 },
        b: { data: x, rowStride: S, columnStride: 1 },
        c: { data: y, rowStride: S, columnStride: 1 },
      }),
    );
  const strides = [S, 1];
  return {
    deviceFlops: gemmFlops,
    portBytes: Number.POSITIVE_INFINITY,
    dispatchMs: 0,
    gemmFlops,
    gradientFlops: gemmFlops,
    conversionBytes: 6 * F * S * perSecond(() => toHalf(x, half)),
    copyBytes:
      8 *
      F *
      S *
      perSecond(() =>
        copyStrided({
          shape: [F, S],
          src: { data: x, strides },
          dst: { data: copy, strides },
        }),
      ),
    passOps:
      PER_ELEMENT.rmsNormForward *
      D *
      S *
      perSecond(() =>
        rmsNormForward({
          rows: S,
          dim: D,
          eps: 1e-5,
          layout: "channelFirst",
          x: x.subarray(0, D * S),
          weight: w.subarray(0, D),
          out: y,
        }),
      ),
    transposeOps: 1,
    overlap: false,
  };
}

/** How often `work` is done in a second, at its best. */
function perSecond(work: () => void): number {
  work();
  const end = performance.now() + 1e3 * SECONDS;
  let best = Number.POSITIVE_INFINITY;
  do {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  return 1e3 / best;
}

function filled(length: number): Float32Array {
  return new Float32Array(length).fill(0.5);
}
