/** Definitions: what they come to, and what is refused by which words. */
import { describe, expect, it } from "vitest";
import {
  DefinitionError,
  defineLayer,
  defineModel,
  type LayerDefinition,
  type ModelOptions,
  project,
} from "../src/index.js";

const scale = defineLayer({
  name: "scale",
  parameters: { gain: { shape: [32], init: "ones" } },
  forward: (f, { x, w }) => f.mul({ x, y: w.gain }),
});

const widen = defineLayer({
  name: "widen",
  parameters: { weight: { shape: [64, 32], init: "he", decay: false }, bias: { shape: [64] } },
  forward: (f, { x, w }) => f.add({ x: project(f, x, w.weight, "wide"), y: w.bias }),
});

const relu = defineLayer({ name: "relu", forward: (f, { x }) => f.relu({ x }) });

function shifted(elements: () => number[]): LayerDefinition {
  return {
    name: "shifted",
    constants: { table: { shape: [1, 1, 1, 64], elements } },
    forward: (f, { x, constants }) => f.add({ x, y: constants.table! }),
  };
}

const text = { kind: "tokens", vocabulary: 50, dim: 32, length: 64 } as const;
const images = { kind: "images", shape: [3, 8, 8], batch: 4 } as const;

function modelOf(options: Partial<ModelOptions>) {
  return defineModel({
    name: "model",
    input: text,
    layers: [scale],
    head: { kind: "nextToken" },
    ...options,
  });
}

describe("a model's record", () => {
  it("has embedding, layers and classifier in the order of the arena", () => {
    const { record } = modelOf({
      input: { ...text, positions: "learned" },
      layers: [scale, widen],
      head: { kind: "nextToken", classifier: "untied" },
    });
    expect(record.parameters).toEqual([
      {
        name: "tokenEmbedding",
        shape: [50, 32],
        decay: true,
        init: { normal: 0.25 / Math.sqrt(32) },
      },
      { name: "positions", shape: [64, 32], decay: true, init: { normal: 0.02 } },
      { name: "layers.0.scale.gain", shape: [32], decay: false, init: "ones", layer: 0 },
      {
        name: "layers.1.widen.weight",
        shape: [64, 32],
        decay: false,
        init: { normal: 0.25 },
        layer: 1,
      },
      { name: "layers.1.widen.bias", shape: [64], decay: false, init: "zeros", layer: 1 },
      { name: "classifier", shape: [50, 64], decay: true, init: { normal: 0.25 / Math.sqrt(64) } },
    ]);
    expect(record).toMatchObject({ kind: "defined", layerCount: 2, seqLen: 64 });
  });

  it("changes with what a layer computes, and not with how it is called in the module", () => {
    const layers = (own: LayerDefinition) => modelOf({ layers: [own] }).record.layers;
    const same = defineLayer({ ...scale });
    const other = defineLayer({
      ...scale,
      forward: (f, { x, w }) => f.mul({ x: f.mul({ x, y: 2 }), y: w.gain }),
    });
    expect(layers(same)).toBe(layers(scale));
    expect(layers(other)).not.toBe(layers(scale));
    expect(layers({ ...scale, residual: true })).not.toBe(layers(scale));
  });
});

it("knows parameters and constants by name, in its types", () => {
  const typed = defineLayer({
    name: "typed",
    parameters: { gain: { shape: [32] } },
    constants: { table: { shape: [1, 32, 1, 1], elements: () => new Float32Array(32) } },
    forward(f, { x, w, constants }) {
      // @ts-expect-error there is no parameter of that name
      expect(() => w.gian).toThrow(/got w\.gian/);
      // @ts-expect-error and no constant of that one
      expect(() => constants.tabel).toThrow(/got constants\.tabel/);
      return f.add({ x: f.mul({ x, y: w.gain }), y: constants.table });
    },
  });
  expect(modelOf({ layers: [typed] }).layers[0]!.outputShape).toEqual([1, 32, 1, 64]);
});

describe("refused, with the place", () => {
  it.each<[string, () => unknown, string]>([
    [
      "a layer's name",
      () => defineLayer({ ...scale, name: "2x" }),
      'layer: the name must be letters, digits and _, beginning with a letter, got "2x". Name it, such as "attention".',
    ],
    [
      "a parameter's shape",
      () => defineLayer({ ...scale, parameters: { gain: { shape: [0, 3] } } }),
      'layer "scale", parameter "gain": the shape must be a list of positive integers, got [0,3]. Give one, such as [256, 64].',
    ],
    [
      "an initialization",
      () => defineLayer({ ...scale, parameters: { gain: { shape: [3], init: "big" as "he" } } }),
      'layer "scale", parameter "gain": init must be "normal", "he", "zeros", "ones" or { normal: σ }, got "big". Choose one of them.',
    ],
    [
      "no forward",
      () => defineLayer({ name: "none" } as unknown as LayerDefinition),
      'layer "none": forward must be a function, got undefined. Write forward(f, { x, w }) { return ...; }.',
    ],
    [
      "rules that are none",
      () => defineLayer({ ...relu, rules: "straight" as never }),
      'layer "relu": grad: rules must be an object with a rule for each op type, got "straight". Correct it.',
    ],
    [
      "a rule that is none",
      () => defineLayer({ ...relu, rules: { relu: "straight" as never } }),
      'layer "relu": grad: the rule of "relu" must be a function, { zero: reason } or { refused: reason, advice }, got "straight". Correct it.',
    ],
    [
      "a rule of no op",
      () => modelOf({ layers: [{ ...scale, rules: { mull: () => ({}) } } as LayerDefinition] }),
      'model "model", layer 0 "scale": grad: rules must be of ops, got one of "mull", which neither MIL nor function "main" has. Correct its name; the function has const, mul.',
    ],
    [
      "a rule that gives no gradient",
      () => modelOf({ layers: [{ ...scale, rules: { mul: () => ({}) } } as LayerDefinition] }),
      'model "model", layer 0 "scale": grad: op "mul" (value "y"): the rule gives no gradient of "x". Write the op out with others, or pass a rule that does.',
    ],
    [
      "no layers",
      () => modelOf({ layers: [] }),
      'model "model": layers must be a list of at least one, got none. Add one.',
    ],
    [
      "what is no layer",
      () => modelOf({ layers: [(() => scale) as unknown as LayerDefinition] }),
      'model "model", layer 0 "": a layer must be what defineLayer returns, got function. Call the function that makes it.',
    ],
    [
      "shapes that do not fit",
      () => modelOf({ layers: [widen, scale], head: { kind: "nextToken", classifier: "untied" } }),
      'model "model", layer 1 "scale": mul: shapes must broadcast (aligned at the right, each dim equal or 1), got [1, 64, 1, 64] and [1, 32, 1, 1]. Expected dim -3 equal or 1.',
    ],
    [
      "a slip of the pen",
      () =>
        modelOf({
          layers: [
            { ...scale, forward: (f, { x, w }) => f.mul({ x, y: w.gian! }) } as LayerDefinition,
          ],
        }),
      'model "model", layer 0 "scale": forward must read what the layer defines, got w.gian. Correct the name: there are gain.',
    ],
    [
      "a result that is not returned",
      () => modelOf({ layers: [{ ...scale, forward: () => undefined as never }] }),
      'model "model", layer 0 "scale": forward must return the layer\'s result, got nothing. Write return.',
    ],
    [
      "a parameter with the name of a port",
      () => defineLayer({ ...relu, parameters: { y: { shape: [32] } } }),
      'layer "relu", parameter "y": the name must be letters, digits and _, beginning with a letter, other than x and y, got "y". Rename it.',
    ],
    [
      "a constant without elements",
      () => defineLayer({ ...relu, constants: { table: { shape: [64] } as never } }),
      'layer "relu", constant "table": elements must be a function that gives them, got undefined. Write elements: () => [...].',
    ],
    [
      "a constant of too few elements",
      () => modelOf({ layers: [shifted(() => [1, 2])] }),
      'model "model", layer 0 "shifted", constant "table": elements must give the 64 numbers of [1, 1, 1, 64], got 2. Correct its elements or its shape.',
    ],
    [
      "a constant that is no number",
      () => modelOf({ layers: [shifted(() => Array(64).fill(Number.NaN))] }),
      'model "model", layer 0 "shifted", constant "table": elements must give the 64 numbers of [1, 1, 1, 64], got 64, element 0 no number. Correct its elements or its shape.',
    ],
    [
      "a head of no kind",
      () => modelOf({ head: { kind: "logits" } as never }),
      'model "model": the head\'s kind must be "nextToken" or "label", got "logits". Choose one.',
    ],
    [
      "a rank",
      () => modelOf({ layers: [{ ...scale, forward: (f, { x }) => f.squeeze({ x, axes: [2] }) }] }),
      'model "model", layer 0 "scale": forward must return a tensor [N, C, H, W], got [1, 32, 64]. Reshape it.',
    ],
    [
      "a parameter that is forgotten",
      () =>
        modelOf({
          layers: [
            {
              ...scale,
              parameters: { gain: { shape: [32] }, rest: { shape: [3] } },
            } as LayerDefinition,
          ],
        }),
      'model "model", layer 0 "scale": forward must use every parameter for its result, got "rest" unused. Use it, or remove it.',
    ],
    [
      "a residual layer of another shape",
      () => modelOf({ layers: [{ ...widen, residual: true } as LayerDefinition] }),
      'model "model", layer 0 "widen": a residual layer must return the shape of x, [1, 32, 1, 64], got [1, 64, 1, 64]. Leave out residual, or project it back.',
    ],
    [
      "what a tied classifier cannot take",
      () => modelOf({ layers: [widen] }),
      'model "model": the last layer must give [1, 32, 1, 64] to the head, got [1, 64, 1, 64]. Make it so, or choose the classifier "untied".',
    ],
    [
      "a length",
      () => modelOf({ input: { ...text, length: 48 } }),
      'model "model": the input\'s length must be a multiple of 32, got 48. A row of a surface fills whole 64-byte lines.',
    ],
    [
      "a count",
      () => modelOf({ input: { ...text, vocabulary: 0.5 } }),
      'model "model": the input\'s vocabulary must be a positive integer, got 0.5. Give a count.',
    ],
    [
      "a head that does not fit the input",
      () => modelOf({ head: { kind: "label", classes: 3 } }),
      'model "model": the head of text must be "nextToken", got "label".',
    ],
    [
      "an amount of elements",
      () =>
        modelOf({
          layers: [relu],
          input: { ...images, batch: 1, shape: [3, 5, 5] },
          head: { kind: "label", classes: 3 },
        }),
      'model "model", layer 0 "relu": the elements of the input must be a multiple of 32, got [1, 3, 5, 5]. Change the batch or the channels.',
    ],
  ])("%s", (_name, define, message) => {
    let thrown: unknown;
    try {
      define();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(DefinitionError);
    expect((thrown as Error).message).toBe(message);
  });
});
