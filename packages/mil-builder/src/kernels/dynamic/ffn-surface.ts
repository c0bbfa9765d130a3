/** What the feed-forward kernels of a layer share: xn of the forward kernel; dy, h1, h3 of the backward one; the three weights. */
import type { KernelDims } from "../config.js";
import { type PackedSurface, packedSurface } from "./packed-surface.js";

export type FFNWeight = "w1" | "w2" | "w3";

export function ffnSurface(dims: KernelDims): PackedSurface<"xn" | "dy" | "h1" | "h3", FFNWeight> {
  const { D, F } = dims;
  return packedSurface(
    dims,
    { xn: D, dy: D, h1: F, h3: F },
    {
      w1: { rows: F, transposed: false },
      w2: { rows: F, transposed: true },
      w3: { rows: F, transposed: false },
    },
  );
}
