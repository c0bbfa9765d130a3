// The backward pass of one layer in fp16 and in the engine's numerics, compared with float64, by loss scale.
import { ffnBwd, qkvBwd, sdpaBwd1, sdpaBwd2 } from "@ane/mil-builder";
import { normBackward } from "./model.mjs";
import { runKernel } from "./run-kernel.mjs";

/** Per numerics, loss scale and slot: the share of gradients lost, the relative error, and how many are not finite. */
export function studyLayers(model, index, scales) {
  let dy = model.dx;
  for (let layer = model.layers.length - 1; layer > index; layer--) {
    dy = backward(model, layer, dy, 1, "float64").dxIn;
  }
  const expected = backward(model, index, dy, 1, "float64");
  return ["fp16", "ane"].flatMap((numerics) =>
    scales.flatMap((scale) => {
      const actual = backward(model, index, dy, scale, numerics);
      return Object.keys(expected).map((slot) => ({
        numerics,
        scale,
        slot,
        ...compare(actual[slot], expected[slot]),
      }));
    }),
  );
}

/** Gradients of a layer, divided by the loss scale again. RMSNorm and residuals are the CPU's, in float64. */
function backward({ config, layers }, index, dy, scale, numerics) {
  const { weights, x, x2, attention, ffn } = layers[index];
  const of = numerics === "float64" ? { ...config, dtype: "fp32" } : config;
  const run = (kernel, slots) => runKernel(kernel, slots, weights, numerics);
  const { q, k, v } = attention;
  const { h1, h3 } = ffn;

  const scaled = dy.map((value) => value * scale);
  const first = run(ffnBwd(of), { dy: scaled, h1, h3 });
  const through = normBackward(first.dx, x2, weights.ffnNorm);
  const dx2 = scaled.map((value, i) => value + through[i]);
  const { dv, probs, dp } = run(sdpaBwd1(of), { q, k, v, do: dx2 });
  const { dq, dk } = run(sdpaBwd2(of), { probs, dp, q, k });
  const { dx } = run(qkvBwd(of), { dq, dk, dv });
  const dxNorm = normBackward(dx, x, weights.attnNorm);
  const dxIn = dx2.map((value, i) => value + dxNorm[i]);

  const gradients = { dh1: first.dh1, dh3: first.dh3, dv, dp, dq, dk, dx, dxIn };
  return Object.fromEntries(
    Object.entries(gradients).map(([name, data]) => [name, data.map((value) => value / scale)]),
  );
}

function compare(actual, expected) {
  let [lost, nonZero, infinite, difference, norm] = [0, 0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (expected[i] !== 0) nonZero++;
    if (expected[i] !== 0 && actual[i] === 0) lost++;
    if (!Number.isFinite(actual[i])) infinite++;
    norm += expected[i] ** 2;
    difference += Number.isFinite(actual[i]) ? (actual[i] - expected[i]) ** 2 : expected[i] ** 2;
  }
  return { lost: lost / nonZero, error: Math.min(1, Math.sqrt(difference / norm)), infinite };
}
