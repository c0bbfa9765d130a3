import { describe, expect, it } from "vitest";
import { tensor } from "../../src/index.js";
import { counting, expectClose, expectShapeError, given, run } from "./run-op.js";

const x = given("fp32", [2, 1, 1], [0.5, -1]);
const h = given("fp32", [1, 1], [0.25]);
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

describe("rnn", () => {
  const layer = (options: {
    direction?: "reverse";
    output_sequence?: boolean;
    activation?: string;
  }) =>
    run({ x, h }, (f, v) =>
      f.rnn({
        x: v.x,
        initial_h: v.h,
        weight_ih: f.constant("ih", tensor("fp32", [1, 1]), [2]),
        weight_hh: f.constant("hh", tensor("fp32", [1, 1]), [3]),
        bias: f.constant("b", tensor("fp32", [1]), [0.5]),
        ...options,
      }),
    );

  it("walks the sequence", () => {
    const first = Math.tanh(2 * 0.5 + 3 * 0.25 + 0.5);
    const second = Math.tanh(-2 + 3 * first + 0.5);
    const [all, last] = layer({ output_sequence: true });
    expect(all!.shape).toEqual([2, 1, 1]);
    expectClose(all!.data, [first, second], 12);
    expectClose(last!.data, [second], 12);
    expectClose(layer({})[0]!.data, [second], 12);
  });

  it("writes in the order in which it computes, if in reverse", () => {
    const first = Math.tanh(-2 + 0.75 + 0.5);
    const second = Math.tanh(1 + 3 * first + 0.5);
    const [all] = layer({ output_sequence: true, direction: "reverse" });
    expectClose(all!.data, [first, second], 12);
  });

  it("refuses activations that it does not know", () => {
    expect(layer({ activation: "relu" })[1]!.data).toEqual([5.25]);
    expect(() => layer({ activation: "scaled_tanh" })).toThrow(/got "scaled_tanh"/);
  });
});

describe("gru", () => {
  const two = given("fp32", [1, 1, 1], [1]);
  const initial = given("fp32", [1, 2], [0.5, -0.25]);
  const layer = (reset_after: boolean | undefined) =>
    run({ two, initial }, (f, v) =>
      f.gru({
        x: v.two,
        initial_h: v.initial,
        weight_ih: f.constant("ih", tensor("fp32", [6, 1]), [1, 2, 3, 4, 5, 6]),
        weight_hh: f.constant("hh", tensor("fp32", [6, 2]), [0, 1, 1, 0, 1, 2, 3, 4, 0, 0, 0, 0]),
        bias: f.constant("b", tensor("fp32", [6]), [0, 0, 1, 1, 0, 0]),
        reset_after,
      }),
    )[1]!.data;
  const [r0, r1] = [sigmoid(1 - 0.25), sigmoid(2 + 0.5)];
  const update = [sigmoid(5), sigmoid(6)];
  const mix = (outputs: readonly number[]) =>
    outputs.map((sum, unit) => {
      const z = update[unit]!;
      return (1 - z) * Math.tanh(sum) + z * [0.5, -0.25][unit]!;
    });

  it("resets the state before the product, or its product", () => {
    const [a, b] = [r0 * 0.5, r1 * -0.25];
    expectClose(layer(undefined), mix([3 + a + 2 * b + 1, 4 + 3 * a + 4 * b + 1]), 12);
    expectClose(layer(true), mix([3 + r0 * (0 + 1), 4 + r1 * (1.5 - 1 + 1)]), 12);
  });
});

describe("lstm", () => {
  const c = given("fp32", [1, 1], [2]);
  const wide = given("fp32", [1, 2], [0.25, 0.5]);
  const ih = [1, 2, 3, 4];
  const hh = [0.5, 0.25, -1, 1];
  const gates = (input: number, hidden: number) => ih.map((w, i) => w * input + hh[i]! * hidden);
  const step = (input: number, hidden: number, cell: number) => {
    const [i, f, o, z] = gates(input, hidden) as [number, number, number, number];
    const next = sigmoid(f) * cell + sigmoid(i) * Math.tanh(z);
    return [sigmoid(o) * Math.tanh(next), next] as const;
  };

  it("keeps a cell state", () => {
    const [first, firstCell] = step(0.5, 0.25, 2);
    const [second, secondCell] = step(-1, first, firstCell);
    const [all, last, cell] = run({ x, h, c }, (f, v) =>
      f.lstm({
        x: v.x,
        initial_h: v.h,
        initial_c: v.c,
        weight_ih: f.constant("ih", tensor("fp32", [4, 1]), ih),
        weight_hh: f.constant("hh", tensor("fp32", [4, 1]), hh),
        output_sequence: true,
      }),
    );
    expectClose(all!.data, [first, second], 12);
    expectClose(last!.data, [second], 12);
    expectClose(cell!.data, [secondCell], 12);
  });

  it("in both directions puts one beside the other, and needs weights for both", () => {
    const [forward] = step(0.5, 0.25, 0.25);
    const [back] = step(-1, 0.5, 0.5);
    const layer = (isComplete: boolean) =>
      run({ x, wide }, (f, v) => {
        const own = f.constant("ih", tensor("fp32", [4, 1]), ih);
        const hidden = f.constant("hh", tensor("fp32", [4, 1]), hh);
        return f.lstm({
          x: v.x,
          initial_h: v.wide,
          initial_c: v.wide,
          weight_ih: own,
          weight_hh: hidden,
          weight_ih_back: own,
          ...(isComplete ? { weight_hh_back: hidden } : {}),
          direction: "bidirectional",
          output_sequence: true,
        });
      });
    const [all] = layer(true);
    expect(all!.shape).toEqual([2, 1, 2]);
    expectClose(all!.data.slice(0, 2), [forward, back], 12);
    expect(() => layer(false)).toThrow(/bidirectional lstm needs/);
  });

  it("refuses what is undocumented: a clip that is reached", () => {
    const layer = (clip: number) =>
      run({ x, h, c }, (f, v) =>
        f.lstm({
          x: v.x,
          initial_h: v.h,
          initial_c: v.c,
          weight_ih: f.constant("ih", tensor("fp32", [4, 1]), ih),
          weight_hh: f.constant("hh", tensor("fp32", [4, 1]), hh),
          clip,
        }),
      );
    expect(layer(50)[1]!.data).toHaveLength(1);
    expect(() => layer(0.5)).toThrow(/"clip"/);
  });

  it("is fp32 before ios17, and refuses weights of other shapes", () => {
    const half = counting("fp16", [1, 1, 1]);
    const initial = counting("fp16", [1, 1]);
    const layer = (rows: number, opset: "ios16" | "ios17", rule: RegExp) =>
      expectShapeError(
        { half, initial },
        (f, v) =>
          f.lstm({
            x: v.half!,
            initial_h: v.initial!,
            initial_c: v.initial!,
            weight_ih: f.constant("ih", tensor("fp16", [rows, 1]), new Array(rows).fill(0)),
            weight_hh: f.constant("hh", tensor("fp16", [rows, 1]), new Array(rows).fill(0)),
          }),
        rule,
        opset,
      );
    layer(4, "ios16", /domain in ios16/);
    layer(3, "ios17", /"weight_hh" must be \[4 · H, H\]/);
  });
});
