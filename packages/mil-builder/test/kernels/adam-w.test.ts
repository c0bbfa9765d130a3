/** The AdamW kernel against the formula in float64, and what its halves keep over many updates. */
import { describe, expect, it } from "vitest";
import { ADAM_W_REST, adamW, interpret, tensor, verify } from "../../src/index.js";

const [C, W] = [2, 32];
const N = C * W;
const [beta1, beta2] = [0.9, 0.99];
const kernels = {
  fp16: adamW({ channels: C, columns: W, beta1, beta2 }),
  // Its constants are not rounded to halves.
  float64: adamW({ channels: C, columns: W, beta1, beta2, dtype: "fp32" }),
} as const;

interface State {
  w: Float64Array;
  m: Float64Array;
  u: Float64Array;
}

interface Coefficients {
  readonly rate: number;
  readonly decay: number;
  readonly floor: number;
}

/** Splits a number into what the kernel holds it as; in float64 the rest is what the half leaves over. */
function split(values: Float64Array, scale: number): [high: number[], rest: number[]] {
  const high = Array.from(values, toHalf);
  return [high, high.map((value, i) => (values[i]! - value) * scale)];
}

function toHalf(value: number): number {
  const step = 2 ** Math.max(Math.floor(Math.log2(Math.abs(value) || 1)) - 10, -24);
  return Math.round(value / step) * step;
}

function update(
  state: State,
  g: Float64Array,
  by: Coefficients,
  numerics: keyof typeof kernels,
): State {
  const kernel = kernels[numerics];
  const [w, wRest] = split(state.w, ADAM_W_REST.weight);
  const [u, uRest] = split(state.u, ADAM_W_REST.root);
  const filled = (value: number) => new Array<number>(W).fill(value);
  const inputs = {
    w,
    wRest,
    m: [...state.m],
    u,
    uRest,
    g: [...g],
    rate: filled(by.rate * ADAM_W_REST.weight),
    decay: filled(by.decay * ADAM_W_REST.weight),
    floor: filled(by.floor),
  };
  const data = Object.keys(kernel.inputs).flatMap((slot) => inputs[slot as keyof typeof inputs]);
  const x = {
    type: tensor(numerics === "fp16" ? "fp16" : "fp32", [1, data.length / W, 1, W]),
    data,
  };
  const out = interpret(kernel.program, { x }, { numerics }).out!.data as Float64Array;
  const slot = (name: keyof typeof kernel.outputs) => {
    const { start, size } = kernel.outputs[name];
    return out.subarray(start * W, (start + size) * W);
  };
  const joined = (high: Float64Array, rest: Float64Array, scale: number) =>
    high.map((value, i) => value + rest[i]! / scale);
  return {
    w: joined(slot("w"), slot("wRest"), ADAM_W_REST.weight),
    m: slot("m").slice(),
    u: joined(slot("u"), slot("uRest"), ADAM_W_REST.root),
  };
}

function reference({ w, m, u }: State, g: Float64Array, by: Coefficients): State {
  const nextM = m.map((value, i) => beta1 * value + (1 - beta1) * g[i]!);
  const nextU = u.map((value, i) => Math.sqrt(beta2 * value ** 2 + (1 - beta2) * g[i]! ** 2));
  const nextW = w.map(
    (value, i) => value - (by.rate * nextM[i]!) / (nextU[i]! + by.floor) - by.decay * value,
  );
  return { w: nextW, m: nextM, u: nextU };
}

/** Deterministic noise with a heavy tail; the sixth of a tile without any gradient. */
function gradient(t: number): Float64Array {
  return Float64Array.from({ length: N }, (_, i) => {
    const noise = Math.sin(i * 12.9898 + t * 78.233) * 43758.5453;
    const uniform = noise - Math.floor(noise) - 0.4;
    return i % 6 === 5 ? 0 : 2 ** -6 * uniform * (i % 7 === 0 ? 30 : 1);
  });
}

function begin(): State {
  const w = Float64Array.from({ length: N }, (_, i) => 0.02 * Math.sin(i + 1));
  return { w, m: new Float64Array(N), u: new Float64Array(N) };
}

function coefficients(t: number, lr: number): Coefficients {
  const correction = Math.sqrt(1 - beta2 ** t);
  return {
    rate: (lr * correction) / (1 - beta1 ** t),
    decay: lr * 0.1,
    floor: 1e-8 * correction * 2 ** 10,
  };
}

function largest(a: Float64Array, b: Float64Array): number {
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
}

describe("adamW", () => {
  it("is AdamW, in float64 to rounding", () => {
    let [state, expected] = [begin(), begin()];
    for (let t = 1; t <= 20; t++) {
      state = update(state, gradient(t), coefficients(t, 1e-3), "float64");
      expected = reference(expected, gradient(t), coefficients(t, 1e-3));
    }
    // The smallest half, which keeps 0 / 0 out, shows where a gradient is hardly larger: in 2 % of the step there.
    expect(largest(state.w, expected.w)).toBeLessThan(0.02 * 1e-3);
    // An increment is that of the root's half without its rest.
    expect(largest(state.u, expected.u)).toBeLessThan(1e-5);
    expect(largest(state.m, expected.m)).toBeLessThan(1e-8);
  });

  it("keeps in halves what single halves lose: 300 updates of a hundredth of a half's step", () => {
    const lr = 2e-7;
    let [state, expected] = [begin(), begin()];
    const plain = begin();
    for (let t = 1; t <= 300; t++) {
      const [g, by] = [gradient(t), coefficients(t, lr)];
      state = update(state, g, by, "fp16");
      expected = reference(expected, g, by);
      const next = update(
        { ...plain, w: plain.w.map(toHalf), u: plain.u.map(toHalf) },
        g,
        by,
        "fp16",
      );
      Object.assign(plain, { ...next, w: next.w.map(toHalf), u: next.u.map(toHalf) });
    }
    const way = largest(expected.w, begin().w);
    expect(way).toBeGreaterThan(10 * lr);
    expect(largest(state.w, expected.w)).toBeLessThan(0.01 * way);
    expect(largest(state.u, expected.u)).toBeLessThan(0.005 * Math.max(...expected.u));
    expect(largest(plain.w, expected.w)).toBeGreaterThan(0.5 * way);
  });

  it("leaves a parameter without gradient as it is, but for its decay", () => {
    const next = update(
      begin(),
      new Float64Array(N),
      { rate: 1e-3, decay: 0, floor: 2 ** -24 },
      "fp16",
    );
    expect(largest(next.w, begin().w)).toBeLessThan(2 ** -24);
    expect(Math.max(...next.m, ...next.u)).toBe(0);
  });

  it("has nothing that a chip is known to refuse", () => {
    for (const chip of ["m1", "m2", "m3", "m4", "m5"] as const) {
      const opset = chip === "m1" || chip === "m2" ? "ios16" : "ios18";
      const { program } = adamW({ channels: 512, columns: 512, beta1, beta2, opset });
      expect(verify(program, { chip })).toEqual([]);
    }
  });
});
