/** Loss and gradients of small versions of the examples against PyTorch's. */
import { type ModelDefinition, modelGradients } from "@ane/trainer";
import { describe, expect, it } from "vitest";
import { convText } from "../conv-text/model.mjs";
import { gpt2 } from "../gpt2/model.mjs";
import { imageClassifier } from "../image-classifier/model.mjs";
import { distance, type Fixture, fillParameters, hashed, norm, readFixture } from "./fixture.js";

type Data = Pick<Parameters<typeof modelGradients>[1], "inputs" | "targets">;

function textOf(fixture: Fixture): Data {
  const { length, vocabulary } = fixture.config as { length: number; vocabulary: number };
  const tokens = Uint16Array.from(hashed(fixture, length + 1), (number) => number % vocabulary);
  return { inputs: tokens.subarray(0, length), targets: tokens.subarray(1) };
}

function imagesOf(fixture: Fixture): Data {
  const { size, batch, classes } = fixture.config as Record<string, number>;
  const pixels = batch! * size! ** 2;
  const numbers = hashed(fixture, pixels + batch!);
  return {
    inputs: Float32Array.from(numbers.slice(0, pixels), (n) => ((n % 256) / 255 - 0.5) / 0.5),
    targets: Uint16Array.from(numbers.slice(pixels), (n) => n % classes!),
  };
}

interface Example {
  readonly define: (config: never) => ModelDefinition;
  readonly dataOf: (fixture: Fixture) => Data;
  /** Largest relative error of a gradient in fp16. */
  readonly bound: number;
}

const EXAMPLES: Record<string, Example> = {
  gpt2: { define: gpt2, dataOf: textOf, bound: 1e-2 },
  "conv-text": { define: convText, dataOf: textOf, bound: 5e-3 },
  // A sum so near 0 that rounding takes it to the other side of the relu is a whole gradient of one position.
  "image-classifier": { define: imageClassifier, dataOf: imagesOf, bound: 5e-2 },
};

/** A bias of all keys shifts the scores of a query alike, so its gradient is 0: its error is measured by the queries' gradient. */
function scaleOf(name: string): string {
  return name.replace(/\.bk$/, ".bq");
}

describe.each(Object.keys(EXAMPLES))("%s", (example) => {
  const { define, dataOf, bound } = EXAMPLES[example]!;
  const fixture = readFixture(example);
  const model = define(fixture.config as never);
  let offset = 0;
  const expected = new Map(
    Object.entries(fixture.parameters).map(([name, shape]) => {
      const start = offset;
      offset += shape.reduce((product, dim) => product * dim, 1);
      return [name, fixture.gradients.subarray(start, offset)];
    }),
  );

  it("has the parameters of PyTorch's model", () => {
    const { parameters } = model.record;
    expect(parameters.map(({ name, shape }) => [name, shape])).toEqual(
      Object.entries(fixture.parameters),
    );
  });

  it.each([
    { numerics: "fp32", lossScale: 1, lossBound: 1e-6, gradientBound: 2e-6 },
    { numerics: "fp16", lossScale: 64, lossBound: 2e-3, gradientBound: bound },
  ] as const)("$numerics: loss and gradients", (options) => {
    const { numerics, lossScale, lossBound, gradientBound } = options;
    const { loss, gradients } = modelGradients(model, {
      ...dataOf(fixture),
      numerics,
      lossScale,
      fill: (parameters) => fillParameters(fixture, parameters),
    });
    expect(Math.abs(loss / fixture.loss - 1)).toBeLessThan(lossBound);
    const errors = Object.entries(gradients).map(([name, gradient]): [string, number] => [
      name,
      distance(gradient, expected.get(name)!) / norm(expected.get(scaleOf(name))!),
    ]);
    expect(errors.filter(([, error]) => !(error < gradientBound))).toEqual([]);
  });
});
