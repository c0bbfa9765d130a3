/** Tiny models for tests and the places of the real ones, which are not part of the repository. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { initializeParameters, type LlamaConfig, Parameters } from "../../src/index.js";

/** Grouped queries, a head width that is not dim / heads, odd sizes. */
export const tiny: LlamaConfig = {
  name: "tiny",
  dim: 20,
  hiddenDim: 37,
  layers: 3,
  heads: 6,
  kvHeads: 2,
  headDim: 4,
  vocabSize: 31,
  seqLen: 13,
  normEps: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
  qkNorm: false,
  logitSoftcap: 0,
};

/** What a llama2.c file can express: dim = heads · headDim. */
export const storable: LlamaConfig = { ...tiny, name: "storable", dim: 24 };

/** Random parameters, far larger than training would start with, so that every part matters. */
export function randomParameters(config: LlamaConfig, seed = 1): Parameters {
  const parameters = new Parameters(config);
  initializeParameters(parameters, seed);
  for (const { name } of parameters.layout.entries) {
    const view = parameters.view(name);
    if (name.endsWith("Norm")) {
      view.forEach((_, i) => {
        view[i] = 1 + 0.3 * Math.sin(i + 1);
      });
    } else {
      view.forEach((value, i) => {
        view[i] = value * 10;
      });
    }
  }
  return parameters;
}

/** Pseudo-random token ids that need no generator's state. */
export function someTokens(count: number, vocabSize: number, seed = 1): Uint16Array {
  return Uint16Array.from(
    { length: count },
    (_, i) => ((i + seed) * 7919 + seed * 104_729) % vocabSize,
  );
}

/** A file that is not part of the repository: where it should be, and why it is not there. */
export interface ExternalFile {
  readonly path: string;
  readonly missing?: string;
}

/** A test file below $ANE_TEST_DATA. */
export function testData(...path: string[]): ExternalFile {
  const root = process.env.ANE_TEST_DATA;
  return root ? found(join(root, ...path)) : { path: "", missing: "ANE_TEST_DATA is not set" };
}

/** The official stories15M.bin at $ANE_STORIES15M. */
export function stories15M(): ExternalFile {
  const path = process.env.ANE_STORIES15M;
  return path ? found(path) : { path: "", missing: "ANE_STORIES15M is not set" };
}

function found(path: string): ExternalFile {
  return existsSync(path) ? { path } : { path, missing: `${path} does not exist` };
}

/** Skips the test, and says why, if one of the files is missing. */
export function need(context: TestContext, ...files: ExternalFile[]): void {
  const missing = files.find((file) => file.missing)?.missing;
  if (!missing) return;
  console.info(`skipped "${context.task.name}": ${missing}`);
  context.skip(missing);
}
