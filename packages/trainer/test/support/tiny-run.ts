/** A model and a text small enough to train within a test: 2 layers, 64 token ids, a text whose next token mostly follows from the last. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LlamaConfig } from "@ane/llama-model";
import { writeTokenFile } from "@ane/tokenizer-data";
import type { StepEvent, TrainEvent, TrainOptions } from "../../src/index.js";
import { temporaryFolder } from "./temporary-folder.js";

export const tinyModel = {
  name: "tiny",
  dim: 32,
  hiddenDim: 64,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  vocabSize: 64,
  seqLen: 32,
  normEps: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
  qkNorm: false,
  logitSoftcap: 0,
} as const;

/** Derived static kernels of the tiny model: all have weights and are compiled at each update. */
export const TINY_KERNELS = 8;

export interface TinyRun {
  readonly folder: string;
  /** Options of a new run in `<folder>/run`: no validation, no budget. */
  readonly options: TrainOptions & { readonly out: string; readonly data: string };
}

/** Takes long enough for each micro-step, with as many kernels, that a test can do something in between. */
export const slowModel = { ...tinyModel, dim: 256, hiddenDim: 1024, headDim: 64, seqLen: 256 };

/** @param setting The model, and the number of different token ids in the text. */
export function tinyRun(
  options: TrainOptions = {},
  { config = tinyModel, ids = config.vocabSize }: { config?: LlamaConfig; ids?: number } = {},
): TinyRun {
  const folder = temporaryFolder();
  const model = join(folder, "tiny.json");
  const data = join(folder, "tokens.bin");
  writeFileSync(model, JSON.stringify(config));
  writeTokenFile(data, syntheticTokens(4096, ids), "uint16");
  const common = {
    model,
    data,
    out: join(folder, "run"),
    device: "cpu",
    steps: 8,
    accum: 2,
    lr: 1e-2,
    compileBudget: 0,
    saveEvery: 0,
  } as const;
  return { folder, options: { ...common, ...options, out: options.out ?? common.out, data } };
}

/** Each token is a function of the one before, but for every eighth. */
function syntheticTokens(count: number, vocabSize: number): number[] {
  const tokens = [1];
  let noise = 12345;
  for (let i = 1; i < count; i++) {
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    tokens.push(i % 8 === 0 ? (noise >>> 8) % vocabSize : (tokens[i - 1]! * 5 + 3) % vocabSize);
  }
  return tokens;
}

export async function collect(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export function ofType<T extends TrainEvent["type"]>(
  events: readonly TrainEvent[],
  type: T,
): Extract<TrainEvent, { type: T }>[] {
  return events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
}

/** Micro-step and exact loss of each step event. */
export function losses(events: readonly TrainEvent[]): [step: number, loss: number][] {
  return ofType(events, "step").map(({ step, loss }: StepEvent) => [step, loss]);
}
