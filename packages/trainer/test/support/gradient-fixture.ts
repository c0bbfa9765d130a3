/** PyTorch's loss and gradients of small models (tools/fixtures/llama_gradients.py), with the same parameters and tokens. */
import { readFileSync } from "node:fs";
import { type LlamaConfig, Parameters, parameterLayout } from "@ane/llama-model";

interface Manifest {
  readonly config: Omit<LlamaConfig, "name" | "tiedEmbeddings" | "logitSoftcap">;
  readonly loss: number;
  readonly tokenSalt: number;
  readonly matrixScale: number;
  readonly normScale: number;
}

export interface GradientFixture {
  readonly model: LlamaConfig;
  readonly loss: number;
  /** In the order of the arena. */
  readonly gradients: Float32Array;
  /** [S + 1]: inputs, and one further the targets. */
  readonly tokens: Uint16Array;
  /** Writes the parameters that the gradients belong to. */
  readonly fillParameters: (parameters: Float32Array) => void;
}

function file(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
}

/** A 32-bit integer hash (Wellons' lowbias32). */
function mix(index: number): number {
  let x = index >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

export function gradientFixture(name: "llama" | "qwen3"): GradientFixture {
  const manifest = JSON.parse(file(`${name}-gradients.json`).toString("utf8")) as Manifest;
  const model = {
    ...manifest.config,
    name: `${name}-fixture`,
    tiedEmbeddings: true,
    logitSoftcap: 0,
  };
  return {
    model,
    loss: manifest.loss,
    gradients: new Float32Array(new Uint8Array(file(`${name}-gradients.bin`)).buffer),
    tokens: Uint16Array.from(
      { length: model.seqLen + 1 },
      (_, i) => mix(manifest.tokenSalt + i) % model.vocabSize,
    ),
    fillParameters: (parameters) => {
      for (const { name: tensor, offset, length } of parameterLayout(model).entries) {
        const isNorm = tensor.endsWith("Norm");
        for (let i = offset; i < offset + length; i++) {
          const unit = ((mix(i) >>> 16) - 32768) / 32768;
          parameters[i] = isNorm ? 1 + manifest.normScale * unit : manifest.matrixScale * unit;
        }
      }
    },
  };
}

/** ||a − b|| / ||b|| */
export function relativeError(a: Float32Array, b: Float32Array): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Relative error of each tensor, layer by layer. @param scale Of `actual`, such as the loss scale */
export function errorsByTensor(
  { model, gradients }: GradientFixture,
  actual: Float32Array,
  scale: number,
): [name: string, error: number][] {
  const found = new Parameters(
    model,
    actual.map((value) => value / scale),
  );
  const expected = new Parameters(model, gradients);
  return found.layout.entries.flatMap(({ name, perLayer }) => {
    if (!perLayer) return [[name, relativeError(found.view(name), expected.view(name))]];
    return Array.from({ length: model.layers }, (_, l): [string, number] => {
      const tensor = name as keyof ReturnType<Parameters["layer"]>;
      return [`${name}[${l}]`, relativeError(found.layer(l)[tensor]!, expected.layer(l)[tensor]!)];
    });
  });
}

/** The Llama model, which most tests use. */
export const { model: fixtureModel, tokens: fixtureTokens } = gradientFixture("llama");
