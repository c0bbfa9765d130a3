/** The machine's own limits, measured by native loops that do nothing else (accel-ops/native/core/peak.*, bandwidth.*). */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const library = fileURLToPath(import.meta.resolve("@ane/accel-ops"));
const native = createRequire(library)("node-gyp-build")(dirname(dirname(library)));

/**
 * Arithmetic per second by feature of the processor ("avx2", "avx512", "neon": fp32 multiply-adds; "avx512bf16", "neonbf16": bf16 products
 * with fp32 sums), all threads together.
 * @param {number} seconds Time for each.
 * @returns {Record<string, number>} operations per second
 */
export const measurePeaks = (seconds) => native.measurePeaks(seconds);

/** The best fp32 figure among peaks. */
export const fp32Peak = (peaks) =>
  Math.max(...Object.entries(peaks).map(([feature, rate]) => (isBf16(feature) ? 0 : rate)));

/** The bf16 figure among peaks; undefined where the processor has none. */
export const bf16Peak = (peaks) => Object.entries(peaks).find(([feature]) => isBf16(feature))?.[1];

const isBf16 = (feature) => feature.endsWith("bf16");

/**
 * Bytes per second that a program reads and writes in simple passes over 128 MiB arrays, all threads together; "streaming"
 * writes go past the caches.
 * @returns {Record<"read" | "write" | "streamingWrite" | "copy" | "streamingCopy" | "update" | "triad" | "streamingTriad", number>}
 */
export const measureBandwidth = (seconds) => native.measureBandwidth(128 * 2 ** 20, seconds);

/** Bytes per second of the quickest pass of each kind that an operation can be: reads, in place, or from some arrays to others. */
export const rateOf = {
  read: ({ read }) => read,
  inPlace: ({ update }) => update,
  apart: ({ copy, streamingCopy, triad, streamingTriad }) =>
    Math.max(copy, streamingCopy, triad, streamingTriad),
};

/**
 * Seconds that memory needs for one AdamW update: parameters and both moments change in place, gradients are read; 28 bytes per
 * parameter in all.
 */
export const updateFloor = (bandwidth, parameters) =>
  parameters * (24 / rateOf.inPlace(bandwidth) + 4 / rateOf.read(bandwidth));

export const setThreads = (count) => native.setThreads(count);
