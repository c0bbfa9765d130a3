/** PyTorch's loss and gradients of a small model (tools/fixtures/llama_gradients.py), with the same parameters and tokens. */
import { readFileSync } from "node:fs";
import { type LlamaConfig, parameterLayout } from "@ane/llama-model";

interface Manifest {
  readonly config: Omit<LlamaConfig, "name" | "tiedEmbeddings">;
  readonly loss: number;
  readonly tokenSalt: number;
  readonly matrixScale: number;
  readonly normScale: number;
  readonly count: number;
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
}

const manifest = JSON.parse(fixture("llama-gradients.json").toString("utf8")) as Manifest;

export const fixtureModel: LlamaConfig = {
  ...manifest.config,
  name: "fixture",
  tiedEmbeddings: true,
};
export const fixtureLoss = manifest.loss;
export const fixtureGradients = new Float32Array(
  new Uint8Array(fixture("llama-gradients.bin")).buffer,
);

/** A 32-bit integer hash (Wellons' lowbias32). */
function mix(index: number): number {
  let x = index >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The parameters that the gradients belong to. */
export function fillParameters(parameters: Float32Array): void {
  for (const { name, offset, length } of parameterLayout(fixtureModel).entries) {
    const isNorm = name.endsWith("Norm");
    for (let i = offset; i < offset + length; i++) {
      const unit = ((mix(i) >>> 16) - 32768) / 32768;
      parameters[i] = isNorm ? 1 + manifest.normScale * unit : manifest.matrixScale * unit;
    }
  }
}

/** [S + 1]: inputs, and one further the targets. */
export const fixtureTokens = Uint16Array.from(
  { length: fixtureModel.seqLen + 1 },
  (_, i) => mix(manifest.tokenSalt + i) % fixtureModel.vocabSize,
);

/** ||a − b|| / ||b|| */
export function relativeError(a: Float32Array, b: Float32Array): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
