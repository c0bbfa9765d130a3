/**
 * Writes a layer forward only, derives its gradients, lets the passes clean them, asks the verifier, and compares one element with
 * a difference of the forward program. Needs no Mac.
 */
import { buildProgram, interpret, runPasses, type Tensor, tensor, verify } from "@ane/mil-builder";
import { grad } from "@ane/mil-builder/autodiff";

const [D, S] = [64, 32];
const X = tensor("fp16", [1, D, 1, S]);
const VECTOR = tensor("fp16", [D]);

// y = x + gelu(layerNorm(x)), along the channels.
const forward = buildProgram({ opset: "ios18" }, (f) => {
  const x = f.input("x", X);
  const gamma = f.constant("gamma", VECTOR, new Float64Array(D).fill(1));
  const beta = f.constant("beta", VECTOR, new Float64Array(D).fill(0.125));
  const normalized = f.layer_norm({ x, axes: [1], gamma, beta, epsilon: 1e-3 });
  const active = f.gelu({ x: normalized, mode: "TANH_APPROXIMATION" });
  return { y: f.add({ x, y: active }) };
});

const backward = runPasses(
  grad(forward, { of: "y", wrt: ["x", "gamma", "beta"], seed: "y_gradient" }),
);
const [main] = backward.functions;
console.log(`inputs: ${main!.inputs.map(({ name }) => name).join(", ")}`);
console.log(`outputs: ${main!.outputs.map(({ name }) => name).join(", ")}`);
const errors = verify(backward, { chip: "m4" }).filter(({ severity }) => severity === "error");
console.log(errors.length === 0 ? "nothing that m4 is known to refuse" : errors);

const wave = (scale: number) =>
  Float64Array.from({ length: D * S }, (_, i) => scale * Math.sin(i * i));
const x = wave(2);
const yGradient = wave(1);
const given = { x: { type: X, data: x }, y_gradient: { type: X, data: yGradient } };
const { d_x } = interpret(backward, given, { numerics: "float64" });

/** Σ y · y_gradient with the first element of x moved by h. */
const loss = (h: number) => {
  const data = x.with(0, x[0]! + h);
  const { y } = interpret(forward, { x: { type: X, data } }, { numerics: "float64" });
  return (y as Tensor).data.reduce((sum, element, i) => sum + element * yGradient[i]!, 0);
};
const h = 2 ** -10;
const difference = (loss(h) - loss(-h)) / (2 * h);
console.log(`derivative ${d_x!.data[0]!.toFixed(4)}, by difference ${difference.toFixed(4)}`);
