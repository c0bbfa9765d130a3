/**
 * The vocabulary axis in chunks: the V logits of a token lie on several ports, by default of at most 2048 words (20 times
 * 1600 for V = 32000; maderix/ANE pull request 26 has 16 chunks). libane reports 16384 channels as the most that a tensor may
 * have, and the memory of an M1 as 8 MB, which a chunk's weights and results should fit into; convolutions of other than a
 * multiple of 32 channels are reported rejected on M1 (imperatormk). A port has the name of its slot; names have three
 * digits, so that their alphabetical order, in which ports are reported to be bound (Orion #3), is that of the chunks.
 */
import type { Slot, WeightSlot } from "../kernel.js";
import {
  KernelConfigError,
  type KernelDims,
  kernelDims,
  type LlamaKernelConfig,
} from "./config.js";
import { weightPath } from "./constant-blob.js";
import { channelSlots, type WeightShape } from "./slots.js";

const MAX_CHANNELS = 16384;
const DEFAULT_CHUNK = 2048;
const CHANNEL_UNIT = 32;
/** Three digits count to here. */
const MAX_CHUNKS = 1000;

/** Sizes of the kernels at the end of the model. */
export interface VocabularyKernelConfig extends LlamaKernelConfig {
  /** Number of words. */
  readonly vocabSize: number;
  /** Words per port at most, up to 16384. Default 2048. */
  readonly chunkSize?: number;
}

/** Words `start` to `start + size` of the vocabulary. */
export interface VocabularyChunk {
  readonly index: string;
  readonly start: number;
  readonly size: number;
}

export interface VocabularyDims extends KernelDims {
  readonly V: number;
  readonly chunks: readonly VocabularyChunk[];
}

/** Validates a configuration and cuts its vocabulary. @throws KernelConfigError */
export function vocabularyDims(config: VocabularyKernelConfig): VocabularyDims {
  const { vocabSize: V, chunkSize = DEFAULT_CHUNK } = config;
  checkCount("chunkSize", chunkSize, MAX_CHANNELS, "Leave it out for 2048.");
  checkCount("vocabSize", V, MAX_CHUNKS * chunkSize, "Give the number of words.");
  const size = sizeOfChunks(V, chunkSize);
  const chunks = Array.from({ length: Math.ceil(V / size) }, (_, index) => ({
    index: `${index}`.padStart(3, "0"),
    start: index * size,
    size: Math.min(size, V - index * size),
  }));
  return { ...kernelDims(config), V, chunks };
}

/**
 * The size of all chunks: one that divides V, preferably a multiple of 32, if there is one above half of `largest`. Otherwise the
 * last chunk is smaller, which `verify` reports, as ports of different sizes are reported to fail (Orion #2 and #12).
 */
function sizeOfChunks(V: number, largest: number): number {
  const fewest = Math.ceil(V / largest);
  for (const unit of [CHANNEL_UNIT, 1]) {
    for (let count = fewest; count <= 2 * fewest; count++) {
      if (V % (count * unit) === 0) return V / count;
    }
  }
  const even = Math.ceil(V / fewest);
  return Math.min(largest, Math.ceil(even / CHANNEL_UNIT) * CHANNEL_UNIT);
}

function checkCount(
  field: "vocabSize" | "chunkSize",
  value: number,
  largest: number,
  remedy: string,
): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > largest) {
    throw new KernelConfigError(field, `must be an integer from 1 to ${largest}`, value, remedy);
  }
}

/** One slot per chunk, `<name>000`, `<name>001`, ..., each on a port of its own. */
export function chunkSlots<Name extends string>(
  name: Name,
  { S, chunks }: VocabularyDims,
): Record<`${Name}${number}`, Slot> {
  const slots = chunks.map(({ index, size }) =>
    channelSlots(`${name}${index}`, S, { [`${name}${index}`]: size }),
  );
  return Object.assign({}, ...slots) as Record<`${Name}${number}`, Slot>;
}

/** Rows of the model's [V, D] classifier (or embedding) matrix, a weight file per chunk. */
export function chunkWeights(
  { chunks }: VocabularyDims,
  weightOf: (rows: number) => WeightShape,
): Record<`classifier${number}`, WeightSlot> {
  const entries = chunks.map(({ index, start, size }) => {
    const name = `classifier${index}`;
    return [name, { path: weightPath(name), ...weightOf(size), firstRow: start }];
  });
  return Object.fromEntries(entries) as Record<`classifier${number}`, WeightSlot>;
}
