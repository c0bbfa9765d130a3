/** A whole Llama of two layers as one program: gradients of every weight against differences in random directions. */
import { expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import {
  interpret,
  type LanguageModelWeight,
  languageModel,
  runPasses,
  tensor,
  writeBlobFile,
} from "../../src/index.js";
import { randomNumbers } from "./finite-differences.js";

const V = 16;
const S = 32;
const SHAPE = { dim: 8, hiddenDim: 12, heads: 2, kvHeads: 1, headDim: 4, seqLen: S };
const model = languageModel({
  ...SHAPE,
  layers: 2,
  vocabSize: V,
  tiedEmbeddings: true,
  qkNorm: true,
  ropeTheta: 10000,
  normEps: 1e-5,
  logitSoftcap: 8,
  dtype: "fp32",
  opset: "ios18",
});

const random = randomNumbers(7);
const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
/** Multiples of 2^-10, so that fp32 holds them and what is a step of 2^-10 away. */
const numbers = (count: number) =>
  Float32Array.from({ length: count }, () => Math.round(3072 * (random() - 0.5)) / 1024);
const values = new Map(model.weights.map((it) => [it.path, numbers(sizeOf(it.shape))]));
const tokens = {
  type: tensor("int32", [1, S]),
  data: Array.from({ length: S }, () => Math.floor(V * random())),
};
const seed = { type: tensor("fp32", [1, S, V]), data: numbers(S * V) };

const files = (changed: ReadonlyMap<string, Float32Array>) =>
  new Map([
    ...model.constants,
    ...[...values].map(
      ([path, data]) =>
        [path, writeBlobFile([{ dtype: "fp32", data: changed.get(path) ?? data }])] as const,
    ),
  ]);

const nameOf = ({ path }: LanguageModelWeight) => /([^/]*)\.bin$/.exec(path)![1]!;
const logits = model.program.functions[0]!.outputs[0]!.name;
const backward = grad(model.program, {
  of: logits,
  wrt: model.weights.map(nameOf),
  seed: "dlogits",
});

it("are those of differences", () => {
  const loss = (changed: ReadonlyMap<string, Float32Array>) => {
    const results = interpret(
      model.program,
      { tokens },
      { weights: files(changed), numerics: "float64" },
    );
    return results[logits]!.data.reduce((sum, it, i) => sum + it * seed.data[i]!, 0);
  };
  const gradients = interpret(
    runPasses(backward),
    { tokens, dlogits: seed },
    { weights: files(new Map()), numerics: "float64" },
  );
  expect(model.weights).toHaveLength(2 + 2 * 11);
  for (const weight of model.weights) {
    const { path } = weight;
    const own = values.get(path)!;
    const direction = Float32Array.from(own, () => (random() < 0.5 ? -1 : 1) / 1024);
    const at = (steps: number) =>
      loss(new Map([[path, own.map((it, i) => it + steps * direction[i]!)]]));
    const difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / 12;
    const gradient = gradients[`d_${nameOf(weight)}`]!;
    expect(gradient.type.shape).toEqual(weight.shape);
    const slope = gradient.data.reduce((sum, it, i) => sum + it * direction[i]!, 0);
    expect(Math.abs(slope), path).toBeGreaterThan(1e-6);
    expect(Math.abs(slope - difference) / Math.abs(slope), path).toBeLessThan(1e-5);
  }
});
