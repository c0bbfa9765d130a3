/** The mask that attention scores [.., S, S] are added to, so that no position sees a later one. */
import type { ConstantDefinition } from "./define-layer.js";

/** Finite, and not at the end of fp16: a score may be added to it. Its exponential is 0. */
const MASKED = -30_000;

/** [1, 1, S, S]: 0 where key ≤ query, a large negative number elsewhere. */
export function causalMask(S: number): ConstantDefinition {
  return {
    shape: [1, 1, S, S],
    elements: () =>
      Float32Array.from({ length: S * S }, (_, i) => (i % S > Math.floor(i / S) ? MASKED : 0)),
  };
}
