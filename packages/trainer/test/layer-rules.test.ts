/** Gradient rules of a layer's own: what they change, that they are the layer's alone, and that a run knows them. */
import { expect, it } from "vitest";
import { drawParameters } from "../src/draw-parameters.js";
import {
  defineLayer,
  defineModel,
  type LayerDefinition,
  modelGradients,
  OptionError,
  project,
} from "../src/index.js";

const [D, S, V] = [32, 32, 48];
const tokens = Uint16Array.from({ length: S + 1 }, (_, i) => (i * i * 7 + 3) % V);
const text = { inputs: tokens.subarray(0, S), targets: tokens.subarray(1) };

const linear = defineLayer({
  name: "linear",
  parameters: { weight: { shape: [D, D], init: { normal: 0.3 } } },
  forward: (f, { x, w }) => project(f, x, w.weight, "y"),
});

/** Eighths of what goes in, multiplied; steps have no slope. */
const steps = defineLayer({
  ...linear,
  forward(f, { x, w }) {
    const eighths = f.round({ x: f.mul({ x, y: 8 }) }, "steps");
    return project(f, f.mul({ x: eighths, y: 1 / 8 }), w.weight, "y");
  },
});
const straightThrough = defineLayer({
  ...steps,
  rules: { round: ({ compactCotangent }) => ({ x: compactCotangent }) },
});

function modelOf(...layers: readonly LayerDefinition[]) {
  return defineModel({
    name: "rules",
    input: { kind: "tokens", vocabulary: V, dim: D, length: S },
    layers,
    head: { kind: "nextToken", classifier: "untied" },
  });
}

function gradientsOf(layer: LayerDefinition, change: (x: number) => number, pipeline: Pipeline) {
  const model = modelOf(layer);
  return modelGradients(model, {
    ...text,
    pipeline,
    fill(parameters) {
      drawParameters(model.record, parameters, 7);
      const embedding = parameters.subarray(0, V * D);
      for (const [i, value] of embedding.entries()) embedding[i] = change(8 * value);
    },
  });
}
type Pipeline = "static" | "dynamic";

it.each<Pipeline>(["static", "dynamic"])(
  "%s: straight through steps go the gradients that the step's results have",
  (pipeline) => {
    const stepped = gradientsOf(straightThrough, (x) => x, pipeline);
    const exact = gradientsOf(linear, (x) => Math.round(8 * x) / 8, pipeline);
    expect(stepped.loss).toBeCloseTo(exact.loss, 6);
    const names = ["tokenEmbedding", "classifier", "layers.0.linear.weight"];
    for (const name of names) {
      const [own, expected] = [stepped.gradients[name]!, exact.gradients[name]!];
      expect(Math.hypot(...expected), name).toBeGreaterThan(1e-3);
      const error = Math.hypot(...own.map((value, i) => value - expected[i]!));
      expect(error / Math.hypot(...expected), name).toBeLessThan(1e-5);
    }
  },
);

it("without them the op is named, with its layer", () => {
  const derive = () => modelGradients(modelOf(steps), text);
  expect(derive).toThrow(OptionError);
  expect(derive).toThrow(
    /rules, layer 0 "linear": .* got none of "x": it ends at op "round" \(value "steps"\): piecewise constant\. Give that op a rule in "rules"/,
  );
});

it("are one layer's, not another's", () => {
  expect(() => modelGradients(modelOf(straightThrough, steps), text)).toThrow(
    /layer 1 "linear": .* op "round"/,
  );
});

it("are part of what a run's record says that its layers compute", () => {
  const layersOf = (layer: LayerDefinition) => modelOf(layer).record.layers;
  const doubled = defineLayer({
    ...steps,
    rules: { round: ({ f, cotangent }) => ({ x: f.mul({ x: cotangent, y: 2 }) }) },
  });
  const same = defineLayer({
    ...steps,
    rules: { round: (vjp) => ({ x: vjp.compactCotangent }) },
  });
  expect(layersOf(same)).toBe(layersOf(straightThrough));
  expect(new Set([steps, straightThrough, doubled].map(layersOf)).size).toBe(3);
});
