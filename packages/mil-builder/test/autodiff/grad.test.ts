import { describe, expect, it } from "vitest";
import {
  GradientError,
  type GradientErrorCode,
  grad,
  jointGraph,
  type VjpRule,
} from "../../src/autodiff/index.js";
import {
  buildProgram,
  interpret,
  type Program,
  parse,
  print,
  runPasses,
  type TensorSource,
  tensor,
  UNKNOWN_DIM,
  type Value,
  verify,
  writeBlobFile,
} from "../../src/index.js";

const PAIR = tensor("fp32", [2]);
const pair = (...data: number[]): TensorSource => ({ type: PAIR, data });

/** loss = Σ w · sin(x)², of which "s" is sin(x). */
const program = buildProgram({}, (f) => {
  const x = f.input("x", PAIR);
  const w = f.constant("w", PAIR, [2, 3]);
  const s = f.sin({ x }, "s");
  return { loss: f.reduce_sum({ x: f.mul({ x: w, y: f.square({ x: s }) }) }) };
});

function results(derived: Program, inputs: Record<string, TensorSource>): Record<string, number[]> {
  const values = interpret(derived, inputs, { numerics: "float64" });
  return Object.fromEntries(Object.entries(values).map(([name, { data }]) => [name, [...data]]));
}

function expectError(derive: () => unknown, code: GradientErrorCode, message: RegExp): void {
  expect(derive).toThrow(GradientError);
  expect(derive).toThrow(expect.objectContaining({ code }));
  expect(derive).toThrow(message);
}

describe("grad", () => {
  it("computes gradients of inputs, constants and intermediate values, in the order asked for", () => {
    const derived = grad(program, { of: "loss", wrt: ["w", "x", "s"] });
    const [main] = derived.functions;
    expect(main!.inputs).toEqual(program.functions[0]!.inputs);
    expect(main!.outputs.map(({ name }) => name)).toEqual(["d_w", "d_x", "d_s"]);
    expect(main!.outputs.every(({ type }) => JSON.stringify(type) === JSON.stringify(PAIR))).toBe(
      true,
    );
    const { d_w, d_x, d_s } = results(derived, { x: pair(1, 2) });
    const [s, t] = [Math.sin(1), Math.sin(2)];
    expect(d_w).toEqual([s * s, t * t]);
    expect(d_s).toEqual([4 * s, 6 * t]);
    expect(d_x![0]).toBeCloseTo(4 * s * Math.cos(1), 12);
    expect(d_x![1]).toBeCloseTo(6 * t * Math.cos(2), 12);
  });

  it("computes gradients of weights in files", () => {
    const path = "@model_path/w.bin";
    const layer = buildProgram({}, (f) => {
      const w = f.blob("w", PAIR, path);
      return { loss: f.reduce_sum({ x: f.mul({ x: f.input("x", PAIR), y: w }) }) };
    });
    const derived = grad(layer, { of: "loss", wrt: ["w", "x"] });
    const weights = new Map([
      [path, writeBlobFile([{ dtype: "fp32", data: Float32Array.of(5, 6) }])],
    ]);
    const { d_w, d_x } = interpret(derived, { x: pair(1, 2) }, { weights, numerics: "float64" });
    expect([...d_w!.data, ...d_x!.data]).toEqual([1, 2, 5, 6]);
  });

  it("takes the gradient of what is differentiated as an input", () => {
    const derived = grad(program, { of: "s", wrt: ["x"], seed: "ds" });
    expect(derived.functions[0]!.inputs.map(({ name }) => name)).toEqual(["x", "ds"]);
    const { d_x } = results(derived, { x: pair(1, 2), ds: pair(10, 100) });
    expect(d_x).toEqual([10 * Math.cos(1), 100 * Math.cos(2)]);
  });

  it("keeps the outputs if asked, and names gradients as told", () => {
    const derived = grad(program, { of: "loss", wrt: ["x"], keepOutputs: true, prefix: "grad_" });
    expect(Object.keys(results(derived, { x: pair(0, 0) }))).toEqual(["loss", "grad_x"]);
  });

  it("gives zeros where nothing depends on the value", () => {
    const apart = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [2, 1, 3]));
      const y = f.input("y", PAIR);
      return { loss: f.reduce_sum({ x: y }), other: f.relu({ x }) };
    });
    const derived = grad(apart, { of: "loss", wrt: ["x", "y"] });
    const x = { type: tensor("fp16", [2, 1, 3]), data: [1, 2, 3, 4, 5, 6] };
    const { d_x, d_y } = interpret(derived, { x, y: pair(1, 2) }, { numerics: "fp16" });
    expect(d_x).toEqual({ type: x.type, data: new Float64Array(6) });
    expect([...d_y!.data]).toEqual([1, 1]);
  });

  it("adds up what arrives over several ways, and once for each item of a tuple", () => {
    const many = buildProgram({}, (f) => {
      const x = f.input("x", PAIR);
      const both = f.concat({ values: [x, x, f.mul({ x, y: 3 })], axis: 0 });
      return { loss: f.reduce_sum({ x: f.add({ x: f.square({ x: both }), y: both }) }) };
    });
    // x² + x twice, 9x² + 3x once.
    const { d_x } = results(grad(many, { of: "loss", wrt: ["x"] }), { x: pair(1, -2) });
    expect(d_x).toEqual([2 * 3 + 18 + 3, 2 * -3 - 36 + 3]);
  });

  it("differentiates a function of several by name", () => {
    const [main] = program.functions;
    const twice = {
      ...program,
      functions: [
        { ...main!, name: "first" },
        { ...main!, name: "second" },
      ],
    };
    const derived = grad(twice, { of: "loss", wrt: ["x"], function: "second" });
    expect(derived.functions.map(({ name }) => name)).toEqual(["second"]);
    expectError(() => grad(twice, { of: "loss", wrt: ["x"] }), "unknown_value", /first, second/);
  });

  it("reads programs from text, with inline constants and ops of older opsets", () => {
    const text = `program(1.3)
[buildInfo = dict<string, string>({})]
{
    func main<ios15>(tensor<fp32, [2]> x) {
            tensor<fp32, [2]> y = mul(x = x, y = tensor<fp32, [2]>([2, 3]))[name = string("y")];
            tensor<fp32, [2]> z = pow(x = y, y = fp32(2))[name = string("z")];
        } -> (z);
}`;
    const { d_x } = results(grad(parse(text), { of: "z", wrt: ["x"], seed: "dz" }), {
      x: pair(1, 2),
      dz: pair(1, 1),
    });
    expect(d_x).toEqual([8, 36]);
  });

  it("leaves the forward program as it is", () => {
    const before = print(program);
    grad(program, { of: "loss", wrt: ["x", "w"] });
    expect(print(program)).toBe(before);
  });
});

describe("what cannot be differentiated", () => {
  it("values that are not there, not floats, or of unknown dims", () => {
    const odd = buildProgram({}, (f) => {
      const n = f.input("n", tensor("int32", [1]));
      const u = f.input("u", tensor("fp32", [UNKNOWN_DIM]));
      return { y: f.reduce_sum({ x: f.mul({ x: u, y: f.cast({ x: n, dtype: "fp32" }) }) }) };
    });
    expectError(
      () => grad(program, { of: "loss", wrt: ["z"] }),
      "unknown_value",
      /"z": .* none of that name. Name one of "x", "loss", "s", /,
    );
    expectError(
      () => grad(odd, { of: "y", wrt: ["n"] }),
      "not_differentiable",
      /"n": .* got int32/,
    );
    expectError(() => grad(odd, { of: "y", wrt: ["u"] }), "unknown_dims", /"u": .* got \[\?\]/);
  });

  it("a tensor without a seed", () => {
    expectError(
      () => grad(program, { of: "s", wrt: ["x"] }),
      "seed",
      /"s": .* \[2\] must be given/,
    );
  });

  it("what only positions depend on: the op, where it is, and advice", () => {
    const sorted = buildProgram({}, (f) => {
      const order = f.argsort({ x: f.input("x", PAIR) }, "order");
      const picked = f.gather({ x: f.input("table", PAIR), indices: order });
      return { y: f.reduce_sum({ x: picked }) };
    });
    expectError(
      () => grad(sorted, { of: "y", wrt: ["x"] }),
      "not_differentiable",
      /^grad: op "argsort" \(value "order"\): .+\. .+\.$/,
    );
    expect(() => grad(sorted, { of: "y", wrt: ["table"] })).not.toThrow();
  });

  it("with respect to parameters that are fixed when a program is compiled", () => {
    const leaky = buildProgram({}, (f) => {
      const alpha = f.constant("alpha", tensor("fp32", []), 0.5);
      return { y: f.leaky_relu({ x: f.input("x", PAIR), alpha }, "y") };
    });
    expectError(
      () => grad(leaky, { of: "y", wrt: ["alpha"], seed: "dy" }),
      "not_differentiable",
      /op "leaky_relu" \(value "y"\): the rule gives no gradient of "alpha". Write the op out/,
    );
    expect(() => grad(leaky, { of: "y", wrt: ["x"], seed: "dy" })).not.toThrow();
  });

  it("ops that are in no table, until a rule is given", () => {
    const [main] = program.functions;
    const operations = main!.operations.map((it) =>
      it.type === "sin" ? { ...it, type: "sine" } : it,
    );
    const strange = { ...program, functions: [{ ...main!, operations }] };
    expectError(
      () => grad(strange, { of: "loss", wrt: ["x"] }),
      "not_differentiable",
      /op "sine" \(value "s"\): no rule is known. Pass one in "rules"/,
    );
    const known = grad(strange, {
      of: "s",
      wrt: ["x"],
      seed: "ds",
      rules: { sine: ({ f, value, cotangent }) => ({ x: f.mul({ x: cotangent, y: value("x") }) }) },
    });
    expect(known.functions[0]!.operations.map(({ type }) => type)).toEqual(["sine", "mul"]);
  });
});

describe("rules of one's own", () => {
  it("stand in for those of the table", () => {
    const rules = {
      square: { zero: "kept as it is" },
      sin: { refused: "too steep", advice: "Go slower" },
    } as const;
    const { d_x } = results(
      grad(program, { of: "loss", wrt: ["x"], rules: { square: rules.square } }),
      {
        x: pair(1, 2),
      },
    );
    expect(d_x).toEqual([0, 0]);
    expectError(
      () => grad(program, { of: "loss", wrt: ["x"], rules: { sin: rules.sin } }),
      "not_differentiable",
      /op "sin" \(value "s"\): too steep. Go slower./,
    );
  });

  it("read the parameters of ops that are in no table", () => {
    const text = `program(1.3)
[buildInfo = dict<string, string>({})]
{
    func main<ios18>(tensor<fp32, [2]> x) {
            string way = const()[name = string("way"), val = string("up")];
            tensor<fp32, [2]> y = amplify(gain = fp32(3), way = way, x = x)[name = string("y")];
        } -> (y);
}`;
    const amplify: VjpRule = ({ f, number, text: read, cotangent }) => ({
      x: f.mul({ x: cotangent, y: read("way") === "up" ? number("gain") : 0 }),
    });
    const derived = grad(parse(text), { of: "y", wrt: ["x"], seed: "dy", rules: { amplify } });
    const [main] = derived.functions;
    const operations = main!.operations.filter(({ type }) => type !== "amplify");
    const alone = { ...derived, functions: [{ ...main!, operations }] };
    expect(results(alone, { x: pair(0, 0), dy: pair(1, 10) }).d_x).toEqual([3, 30]);
  });

  it("are held to the shapes of what they are gradients of", () => {
    expectError(
      () =>
        grad(program, {
          of: "loss",
          wrt: ["x"],
          rules: { sin: ({ f, cotangent }) => ({ x: f.reduce_sum({ x: cotangent }) }) },
        }),
      "rule",
      /op "sin" \(value "s"\): the gradient of "x" must broadcast to \[2\] .* got \[\]/,
    );
  });

  it("are told apart when their own ops are not valid", () => {
    const rule: VjpRule = ({ f, cotangent }) => ({ x: f.reshape({ x: cotangent, shape: [3] }) });
    expectError(
      () => grad(program, { of: "loss", wrt: ["x"], rules: { sin: rule } }),
      "rule",
      /op "sin" \(value "s"\): the ops of its gradient must be valid here, got: reshape: /,
    );
  });

  it("learn what is wrong with parameters that the program computes", () => {
    const odd = buildProgram({}, (f) => ({ y: f.pow({ x: f.input("x", PAIR), y: 2 }, "y") }));
    expectError(
      () =>
        grad(odd, {
          of: "y",
          wrt: ["x"],
          seed: "dy",
          rules: { pow: ({ number }) => ({ x: number("z") as never }) },
        }),
      "unknown_parameter",
      /op "pow" \(value "y"\): "z" must be a number/,
    );
  });
});

describe("jointGraph", () => {
  it("takes gradients of several values, and what else is appended", () => {
    const layer = buildProgram({}, (f) => {
      const x = f.input("x", PAIR);
      return { double: f.mul({ x, y: 2 }), square: f.mul({ x, y: x }) };
    });
    const joint = jointGraph(layer, {
      seeds: { double: "d_double", square: "d_square" },
      wrt: ["x", "double"],
    });
    expect(joint.find("x")).toBe(joint.forward.inputs[0]);
    expect(joint.gradientOf.get("double")).toBe(joint.seeds.get("double"));
    const dx = joint.gradientOf.get("x")!;
    const { f } = joint;
    const both = joint.finish({
      dx,
      norm: f.reduce_sum_square({ x: dx }),
      y: joint.find("square") as Value,
    });
    const given = { x: pair(3, 4), d_double: pair(1, 10), d_square: pair(100, 1000) };
    expect(results(both, given)).toEqual({
      dx: [602, 8020],
      norm: [602 ** 2 + 8020 ** 2],
      y: [9, 16],
    });
  });
});

describe("gradient programs", () => {
  const S = 32;
  const X = tensor("fp16", [1, 64, 1, S]);
  /** x + W · silu(rmsnorm(x)), as a kernel is written. */
  const kernel = buildProgram({}, (f) => {
    const x = f.input("x", X);
    const squares = f.mul({ x, y: x });
    const mean = f.mul({ x: f.reduce_sum({ x: squares, axes: [1], keep_dims: true }), y: 1 / 64 });
    const r = f.pow({ x: f.add({ x: mean, y: 1e-5 }), y: -0.5 });
    const gains = f.blob("gains", tensor("fp16", [1, 64, 1, 1]), "@model_path/g.bin");
    const xn = f.mul({ x: f.mul({ x, y: r }), y: gains }, "xn");
    const weight = f.blob("w", tensor("fp16", [64, 64, 1, 1]), "@model_path/w.bin");
    return { y: f.add({ x, y: f.conv({ x: f.silu({ x: xn }), weight }, "out") }) };
  });
  const backward = grad(kernel, { of: "y", wrt: ["x"], seed: "dy" });

  it("break no rule where the forward program breaks none", () => {
    for (const chip of ["m2", "m3", "m4", "m5"] as const) {
      const before = new Set(verify(kernel, { chip }).map(({ rule }) => rule));
      const added = verify(backward, { chip }).filter(({ rule }) => !before.has(rule));
      // Ports come in the order asked for; who writes kernels stores the transposed weight.
      const others = added.filter(({ rule }) => rule !== "surface-order" && rule !== "conv-weight");
      expect(others).toEqual([]);
    }
  });

  it("are inverse under print and parse", () => {
    expect(parse(print(backward))).toEqual(backward);
  });

  it("hold no more than what gradients need, and less after passes", () => {
    const count = (it: Program) => it.functions[0]!.operations.length;
    const types = backward.functions[0]!.operations.map(({ type }) => type);
    // The forward convolution is not needed, that of the gradient is.
    expect(types.filter((type) => type === "conv" || type === "matmul")).toHaveLength(1);
    const clean = runPasses(backward);
    expect(count(clean)).toBeLessThan(count(backward));
    expect(clean.functions[0]!.outputs.map(({ name }) => name)).toEqual(["d_x"]);
  });

  it("share what forward and backward both compute", () => {
    const again = buildProgram({}, (f) => {
      const x = f.input("x", PAIR);
      return { y: f.mul({ x: f.silu({ x }), y: f.sigmoid({ x }) }) };
    });
    const derived = grad(again, { of: "y", wrt: ["x"], seed: "dy" });
    const sigmoids = (it: Program) =>
      it.functions[0]!.operations.filter(({ type }) => type === "sigmoid").length;
    expect([sigmoids(derived), sigmoids(runPasses(derived))]).toEqual([2, 1]);
  });

  it("do not write broadcasts out that ops make by themselves", () => {
    const types = backward.functions[0]!.operations.map(({ type }) => type);
    expect(types).not.toContain("tile");
    expect(print(backward)).not.toContain("zeros");
  });
});
