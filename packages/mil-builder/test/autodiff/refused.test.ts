import { describe, expect, it } from "vitest";
import { GradientError, grad } from "../../src/autodiff/index.js";
import { buildProgram, type FunctionBuilder, tensor, type Value } from "../../src/index.js";

/** The error of the gradient of `body` with respect to an image x. */
function errorOf(body: (f: FunctionBuilder, x: Value) => Value): GradientError {
  const program = buildProgram({}, (f) => {
    const x = f.input("x", tensor("fp16", [1, 2, 4, 4]));
    return { y: f.identity({ x: body(f, x) }, "y") };
  });
  try {
    grad(program, { of: "y", wrt: ["x"], seed: "dy" });
  } catch (error) {
    return error as GradientError;
  }
  throw new Error("no error");
}

describe("ops without a gradient", () => {
  it("are named with their place and advice", () => {
    const error = errorOf((f, x) => {
      const sequence = f.reshape({ x, shape: [4, 2, 4] });
      const h = f.constant("h", tensor("fp16", [2, 3]), Array(6).fill(0));
      const weight_ih = f.constant("w", tensor("fp16", [3, 4]), Array(12).fill(0.5));
      const weight_hh = f.constant("u", tensor("fp16", [3, 3]), Array(9).fill(0.5));
      return f.rnn({ x: sequence, initial_h: h, weight_ih, weight_hh }, "steps")[0]!;
    });
    expect(error).toBeInstanceOf(GradientError);
    expect(error.code).toBe("not_differentiable");
    expect(error.message).toBe(
      'grad: op "rnn" (value "steps_0"): its gradient needs the gates of every step, which the op keeps to itself. Write the steps out with linear, sigmoid and tanh, which have rules.',
    );
  });

  it("read images at computed places", () => {
    const error = errorOf((f, x) => {
      const places = f.constant("at", tensor("fp16", [1, 2, 2, 2]), Array(8).fill(0));
      return f.resample({
        x,
        coordinates: places,
        sampling_mode: "bilinear",
        padding_mode: "constant",
        padding_value: 0,
        coordinates_mode: "normalized_minus_one_to_one",
        align_corners: true,
      });
    });
    expect(error.message).toMatch(/^grad: op "resample" .* Resize with resize_bilinear/);
  });

  it("keep states", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [2]));
      const state = f.input("s", { kind: "state", wrapped: tensor("fp16", [2]) });
      f.write_state({ input: state, data: x });
      return { y: f.read_state({ input: state }, "y") };
    });
    expect(() => grad(program, { of: "y", wrt: ["x"], seed: "dy" })).toThrow(/through states/);
  });
});
