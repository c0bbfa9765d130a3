/**
 * What the attention kernels of a layer share: xn of the forward kernel; do, q, k, v of the backward one; the four weights. With
 * norms of the heads also their gains, [1, h, 1, S] with every column the same.
 */
import { KernelConfigError, type KernelDims } from "../config.js";
import {
  MAX_CHANNELS,
  type MatrixRows,
  type PackedSurface,
  packedSurface,
} from "./packed-surface.js";

export type AttentionActivation = "xn" | "do" | "q" | "k" | "v";
export type AttentionWeight = "wq" | "wk" | "wv" | "wo";
export type HeadGains = "qGains" | "kGains";

/** @throws KernelConfigError if wq, wk and wv, which are multiplied as one, do not lie one below the other. */
export function attentionSurface(
  dims: KernelDims,
): PackedSurface<AttentionActivation, AttentionWeight> {
  return packedSurface(dims, activationChannels(dims), weightRows(dims));
}

/** The same with the gains. @throws KernelConfigError */
export function headNormAttentionSurface(
  dims: KernelDims,
): PackedSurface<AttentionActivation | HeadGains, AttentionWeight> {
  const gains = { qGains: dims.h, kGains: dims.h };
  return packedSurface(dims, { ...activationChannels(dims), ...gains }, weightRows(dims));
}

function activationChannels({ D, QD, KD }: KernelDims): Record<AttentionActivation, number> {
  return { xn: D, do: D, q: QD, k: KD, v: KD };
}

function weightRows({ QD, KD }: KernelDims): Record<AttentionWeight, MatrixRows> {
  if (QD + 2 * KD > MAX_CHANNELS) {
    throw new KernelConfigError(
      "heads",
      `must give query, key and value at most ${MAX_CHANNELS} channels together`,
      QD + 2 * KD,
      "Use fewer heads or KV heads, or the static kernels.",
    );
  }
  return {
    wq: { rows: QD, transposed: false },
    wk: { rows: KD, transposed: false },
    wv: { rows: KD, transposed: false },
    wo: { rows: QD, transposed: true },
  };
}
