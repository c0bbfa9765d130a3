/** What is derived from Llama's forward passes against what was written by hand: the same gradients, in all configurations. */
import { describe, expect, test } from "vitest";
import { derivedLlama, type TrainingKernels } from "../../../src/autodiff/index.js";
import { ffnBwd, fwdAttn, fwdFFN, qkvBwd, sdpaBwd1, sdpaBwd2 } from "../../../src/index.js";
import { dynamicKernels } from "../../../src/kernels/dynamic/dynamic-kernels.js";
import {
  CONFIGS,
  layerWeights,
  relativeError,
  runDynamicKernel,
  runKernel,
  uniform,
} from "../../kernels/fixtures.js";
import { checkDerivatives } from "./check-derivatives.js";
import { type LayerRun, runTraining } from "./run-training.js";

const SINGLE_TOLERANCE = 1e-6;
/** Each is off the exact gradient by its own roundings. */
const HALF_TOLERANCE = 4e-3;

type Arrays = Readonly<Record<string, Float64Array>>;

function run(
  layer: TrainingKernels,
  input: string,
  x: Float64Array,
  output: string,
  dy: Float64Array,
  parameters: Arrays,
  numerics: "float64" | "fp16",
): LayerRun {
  return runTraining(
    layer,
    { inputs: { [input]: x }, parameters, seeds: { [output]: dy } },
    numerics,
  );
}

describe.each(Object.entries(CONFIGS))("derived against hand-written, %s", (_, config) => {
  const { dim: D, hiddenDim: F, seqLen: S } = config;
  const weights = layerWeights(config);
  const parameters = { ...weights };
  const x = uniform(D * S, 1.5, 21);
  const dy = uniform(D * S, 1, 22);

  describe.each(["fp32", "fp16"] as const)("%s", (dtype) => {
    const numerics = dtype === "fp32" ? "float64" : "fp16";
    const tolerance = dtype === "fp32" ? SINGLE_TOLERANCE : HALF_TOLERANCE;
    const typed = { ...config, dtype };
    const expectClose = (name: string, actual: Float64Array | undefined, expected: Float64Array) =>
      expect(relativeError(actual!, expected), name).toBeLessThan(tolerance);

    test("static attention", () => {
      const { attention } = derivedLlama(typed, "static");
      const actual = run(attention, "x", x, "o", dy, parameters, numerics);
      const taps = runKernel(fwdAttn(typed), { x }, weights, numerics);
      const { q, k, v } = taps;
      const first = runKernel(sdpaBwd1(typed), { q, k, v, do: dy }, weights, numerics);
      const { dq, dk } = runKernel(
        sdpaBwd2(typed),
        { q, k, probs: first.probs, dp: first.dp },
        {},
        numerics,
      );
      const { dx } = runKernel(qkvBwd(typed), { dq, dk, dv: first.dv }, weights, numerics);
      expectClose("o", actual.outputs.o, taps.o);
      expectClose("dx", actual.gradients.xn, dx);
      const { wq, wk, wv, wo } = actual.parameterGradients;
      expectClose("wq", wq, product(dq, taps.xn, S));
      expectClose("wk", wk, product(dk, taps.xn, S));
      expectClose("wv", wv, product(first.dv, taps.xn, S));
      expectClose("wo", wo, product(dy, taps.a, S));
    });

    test("static feed-forward", () => {
      const { ffn } = derivedLlama(typed, "static");
      const actual = run(ffn, "x", x, "y", dy, parameters, numerics);
      const taps = runKernel(fwdFFN(typed), { x }, weights, numerics);
      const { h1, h3 } = taps;
      const { dx, dh1, dh3 } = runKernel(ffnBwd(typed), { dy, h1, h3 }, weights, numerics);
      expectClose("y", actual.outputs.y, taps.y);
      expectClose("dx", actual.gradients.xn, dx);
      const { w1, w2, w3 } = actual.parameterGradients;
      expectClose("w1", w1, product(dh1, taps.xn, S));
      expectClose("w2", w2, product(dy, taps.gate, S));
      expectClose("w3", w3, product(dh3, taps.xn, S));
    });

    test("dynamic attention", () => {
      const { attention } = derivedLlama(typed, "dynamic");
      const actual = run(attention, "xn", x, "o", dy, parameters, numerics);
      const { attnFwd, attnBwd } = dynamicKernels(typed);
      const { o, q, k, v, a } = runDynamicKernel(attnFwd, { xn: x }, weights, numerics);
      const { dx, dq, dk, dv } = runDynamicKernel(attnBwd, { do: dy, q, k, v }, weights, numerics);
      expectClose("o", actual.outputs.o, o);
      expectClose("dx", actual.gradients.xn, dx);
      const { wq, wk, wv, wo } = actual.parameterGradients;
      expectClose("wq", wq, product(dq, x, S));
      expectClose("wk", wk, product(dk, x, S));
      expectClose("wv", wv, product(dv, x, S));
      expectClose("wo", wo, product(dy, a, S));
    });

    test("dynamic feed-forward", () => {
      const { ffn } = derivedLlama(typed, "dynamic");
      const actual = run(ffn, "xn", x, "y", dy, parameters, numerics);
      const { ffnFwd, ffnBwd: backward } = dynamicKernels(typed);
      const { y, h1, h3, gate } = runDynamicKernel(ffnFwd, { xn: x }, weights, numerics);
      const { dx, dh1, dh3 } = runDynamicKernel(backward, { dy, h1, h3 }, weights, numerics);
      expectClose("y", actual.outputs.y, y);
      expectClose("dx", actual.gradients.xn, dx);
      const { w1, w2, w3 } = actual.parameterGradients;
      expectClose("w1", w1, product(dh1, x, S));
      expectClose("w2", w2, product(dy, gate, S));
      expectClose("w3", w3, product(dh3, x, S));
    });
  });

  test("against finite differences", () => {
    const { attention, ffn } = derivedLlama({ ...config, dtype: "fp32" }, "dynamic");
    checkDerivatives(attention, {
      inputs: { xn: x },
      parameters: weights as unknown as Arrays,
      seeds: { o: dy },
    });
    checkDerivatives(ffn, { inputs: { xn: x }, parameters, seeds: { y: uniform(D * S, 1, F) } });
  });
});

/** dy[out, S] · x[in, S]ᵀ */
function product(dy: Float64Array, x: Float64Array, S: number): Float64Array {
  const [out, input] = [dy.length / S, x.length / S];
  const result = new Float64Array(out * input);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < input; i++) {
      let sum = 0;
      for (let s = 0; s < S; s++) sum += dy[o * S + s]! * x[i * S + s]!;
      result[o * input + i] = sum;
    }
  }
  return result;
}
