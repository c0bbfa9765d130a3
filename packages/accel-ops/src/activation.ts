/**
 * Logistic function, SiLU and SwiGLU of fp32 vectors [n], with their backward passes. An output may be the same array as
 * an input, never a shifted one. Shazeer, "GLU Variants Improve Transformer", 2020.
 */
import { checkArray } from "./argument-error.js";
import { checkApart, checkNotShifted } from "./checks.js";
import { nativeBinding } from "./native.js";

type Vector = Float32Array;

const native = nativeBinding<{
  sigmoid(x: Vector, out: Vector): void;
  silu(x: Vector, out: Vector): void;
  siluBackward(x: Vector, dOut: Vector, dx: Vector): void;
  swiGlu(h1: Vector, h3: Vector, gate: Vector): void;
  swiGluBackward(h1: Vector, h3: Vector, dGate: Vector, dH1: Vector, dH3: Vector): void;
}>();

/** `out = σ(x) = 1 / (1 + exp(-x))`, with relative accuracy where it is tiny. */
export function sigmoid(x: Float32Array, out: Float32Array): void {
  checkOutputs("sigmoid", { x }, { out });
  native.sigmoid(x, out);
}

/** `out = x·σ(x)`. */
export function silu(x: Float32Array, out: Float32Array): void {
  checkOutputs("silu", { x }, { out });
  native.silu(x, out);
}

/** `dx = dOut·σ(x)·(1 + x·(1 − σ(x)))`. */
export function siluBackward(x: Float32Array, dOut: Float32Array, dx: Float32Array): void {
  checkOutputs("siluBackward", { x, dOut }, { dx });
  native.siluBackward(x, dOut, dx);
}

/** `gate = silu(h1)·h3`. */
export function swiGlu(options: { h1: Float32Array; h3: Float32Array; gate: Float32Array }): void {
  const { h1, h3, gate } = options;
  checkOutputs("swiGlu", { h1, h3 }, { gate });
  native.swiGlu(h1, h3, gate);
}

/** `dH1 = dGate·h3·silu'(h1)`, `dH3 = dGate·silu(h1)`; dH1 and dH3 must be two arrays. */
export function swiGluBackward(options: {
  h1: Float32Array;
  h3: Float32Array;
  dGate: Float32Array;
  dH1: Float32Array;
  dH3: Float32Array;
}): void {
  const { h1, h3, dGate, dH1, dH3 } = options;
  checkOutputs("swiGluBackward", { h1, h3, dGate }, { dH1, dH3 });
  checkApart(dH1, dH3, "swiGluBackward.dH1", "dH3");
  native.swiGluBackward(h1, h3, dGate, dH1, dH3);
}

/** All arrays must have one length, and no output may be a shifted view of an input. */
function checkOutputs(
  where: string,
  inputs: Record<string, Float32Array>,
  outputs: Record<string, Float32Array>,
): void {
  const length = Object.values(inputs)[0]?.length;
  for (const [name, array] of Object.entries({ ...inputs, ...outputs })) {
    checkArray(array, Float32Array, `${where}.${name}`, length);
  }
  for (const [name, output] of Object.entries(outputs)) {
    for (const [other, input] of Object.entries(inputs)) {
      checkNotShifted(output, input, `${where}.${name}`, other);
    }
  }
}
