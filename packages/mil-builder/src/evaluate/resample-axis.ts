/**
 * Where a resized axis is sampled. Grids: coremltools iOS15 image_resizing.py, resize_bilinear.
 */

export const SAMPLING_MODES = [
  "DEFAULT",
  "STRICT_ALIGN_CORNERS",
  "ALIGN_CORNERS",
  "OFFSET_CORNERS",
  "UNALIGN_CORNERS",
] as const;

export type SamplingMode = (typeof SAMPLING_MODES)[number];

/** `target` points in 0..source - 1, along an axis of `source` elements (which need not be whole, for a box). */
export function gridPoints(mode: SamplingMode, source: number, target: number): readonly number[] {
  const point = pointFunction(mode, source, target);
  return Array.from({ length: target }, (_, i) => Math.min(source - 1, Math.max(0, point(i))));
}

function pointFunction(mode: SamplingMode, source: number, target: number): (i: number) => number {
  switch (mode) {
    case "DEFAULT":
      // (source - source / target) / (target - 1)
      return (i) => (i * source) / target;
    case "STRICT_ALIGN_CORNERS":
      return (i) => (target === 1 ? 0 : (i * (source - 1)) / (target - 1));
    case "ALIGN_CORNERS":
      return (i) => (target === 1 ? (source - 1) / 2 : (i * (source - 1)) / (target - 1));
    case "OFFSET_CORNERS":
      return (i) => ((i + 0.5) * Math.max(1, source - 1)) / target;
    default:
      return (i) => ((i + 0.5) * source) / target - 0.5;
  }
}
