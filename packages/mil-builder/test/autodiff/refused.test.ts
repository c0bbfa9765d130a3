/** What an op without a gradient comes to: an error or a zero that names the op, its value, the reason, and what to do. */
import { describe, expect, it } from "vitest";
import {
  deriveTraining,
  GradientError,
  grad,
  jointGraph,
  type LayerDefinition,
} from "../../src/autodiff/index.js";
import { RULES } from "../../src/autodiff/rules.js";
import type { RuleEntry } from "../../src/autodiff/vjp.js";
import {
  type AnyValue,
  buildProgram,
  type FunctionBuilder,
  type Program,
  tensor,
  type Value,
} from "../../src/index.js";
import { errorOf } from "./error-of.js";

type Body = (f: FunctionBuilder, x: Value) => Value;

const IMAGE = tensor("fp32", [1, 2, 4, 4]);

function programOf(body: Body): Program {
  return buildProgram({}, (f) => {
    const result = body(f, f.input("x", IMAGE));
    return { y: result.type.dtype === "fp32" ? f.identity({ x: result }, "y") : result };
  });
}

/** A value "stop" that an op of any type computes from x: the text of a program may say so, whatever the builder takes. */
function programWith(type: string): Program {
  const program = programOf((f, x) => f.relu({ x }, "stop"));
  const [main] = program.functions;
  const operations = main!.operations.map((operation) =>
    operation.type === "relu" ? { ...operation, type } : operation,
  );
  return { ...program, functions: [{ ...main!, operations }] };
}

const zeros = (f: FunctionBuilder, name: string, shape: readonly number[]) =>
  f.constant(name, tensor("fp32", shape), new Float32Array(shape.reduce((a, b) => a * b, 1)));
const float = (f: FunctionBuilder, x: AnyValue) => f.cast({ x: x as Value, dtype: "fp32" });
const sequence = (f: FunctionBuilder, x: Value, gates: number) => ({
  x: f.reshape({ x, shape: [8, 1, 4] }),
  initial_h: zeros(f, "h", [1, 3]),
  weight_ih: zeros(f, "w", [3 * gates, 4]),
  weight_hh: zeros(f, "u", [3 * gates, 3]),
});
const index = (f: FunctionBuilder) => f.constant("i", tensor("int32", []), 0);
const indices = (f: FunctionBuilder) => f.constant("i", tensor("int32", [1]), [0]);
const list = (f: FunctionBuilder) =>
  f.make_list({ init_length: 1, dynamic_length: false, elem_shape: [1, 2, 4, 4] }, "ls");
const state = (f: FunctionBuilder) => f.input("s", { kind: "state", wrapped: IMAGE });

/** The op of each type between x and a result, as far as the builder makes one that reads a computed tensor. Its value is "stop". */
const REFUSED: Readonly<Record<string, Body>> = {
  affine: (f, x) =>
    f.affine(
      {
        x,
        transform_matrix: zeros(f, "m", [1, 6]),
        output_height: 4,
        output_width: 4,
        sampling_mode: "bilinear",
        padding_mode: "constant",
        padding_value: 0,
        coordinates_mode: "normalized_minus_one_to_one",
        align_corners: true,
      },
      "stop",
    ),
  argsort: (f, x) => float(f, f.argsort({ x }, "stop")),
  classify: (f, x) => {
    const probabilities = f.slice_by_size({
      x: f.reshape({ x, shape: [32] }),
      begin: [0],
      size: [2],
    });
    return f.classify({ probabilities, classes: ["cat", "dog"] }, "stop")[0] as Value;
  },
  cond: (f, x) => {
    const pred = f.constant("p", tensor("bool", []), true);
    return f.cond({ pred, whenTrue: () => [x], whenFalse: () => [f.relu({ x })] }, "stop")[0]!;
  },
  conv_quantized: (f, x) =>
    f.conv_quantized(
      {
        x,
        weight: f.constant("w", tensor("uint8", [3, 2, 1, 1]), new Uint8Array(6)),
        quantization_type: "linear",
        quant_scale: f.constant("qs", tensor("fp32", [1]), [1]),
        quant_bias: f.constant("qb", tensor("fp32", [1]), [0]),
      },
      "stop",
    ),
  crop_resize: (f, x) =>
    f.crop_resize({ x, boxes: zeros(f, "b", [1, 4]), target_height: 2, target_width: 2 }, "stop"),
  gru: (f, x) => f.gru(sequence(f, x, 3), "stop")[0]!,
  list_gather: (f, x) => {
    const ls = f.list_write({ ls: list(f), index: index(f), value: x });
    return f.list_gather({ ls, indices: f.constant("all", tensor("int32", [1]), [0]) }, "stop");
  },
  list_read: (f, x) => {
    const ls = f.list_write({ ls: list(f), index: index(f), value: x });
    return f.list_read({ ls, index: f.constant("j", tensor("int32", []), 0) }, "stop");
  },
  list_scatter: (f, x) => {
    const value = f.expand_dims({ x, axes: [0] });
    const ls = f.list_scatter({ ls: list(f), indices: indices(f), value }, "stop");
    return float(f, f.list_length({ ls }));
  },
  list_write: (f, x) => {
    const ls = f.list_write({ ls: list(f), index: index(f), value: x }, "stop");
    return float(f, f.list_length({ ls }));
  },
  lstm: (f, x) => f.lstm({ ...sequence(f, x, 4), initial_c: zeros(f, "c", [1, 3]) }, "stop")[0]!,
  non_maximum_suppression: (f, x) =>
    f.non_maximum_suppression(
      {
        boxes: f.reshape({ x, shape: [1, 4, 8] }),
        scores: zeros(f, "scores", [1, 2, 8]),
        iou_threshold: 0.5,
        max_boxes: 3,
      },
      "stop",
    )[0]!,
  random_categorical: (f, x) => f.random_categorical({ x, size: 2 }, "stop"),
  read_state: (f, x) => {
    const input = state(f);
    f.write_state({ input, data: x });
    return f.read_state({ input }, "stop");
  },
  reduce_argmax: (f, x) => float(f, f.reduce_argmax({ x, axis: 1, keep_dims: true }, "stop")),
  reduce_argmin: (f, x) => float(f, f.reduce_argmin({ x, axis: 1, keep_dims: true }, "stop")),
  resample: (f, x) =>
    f.resample(
      {
        x,
        coordinates: zeros(f, "at", [1, 2, 2, 2]),
        sampling_mode: "bilinear",
        padding_mode: "constant",
        padding_value: 0,
        coordinates_mode: "normalized_minus_one_to_one",
        align_corners: true,
      },
      "stop",
    ),
  rnn: (f, x) => f.rnn(sequence(f, x, 1), "stop")[0]!,
  while_loop: (f, x) =>
    f.while_loop(
      {
        loop_vars: [x],
        condition: (of) => f.less({ x: f.reduce_sum({ x: of, axes: [0, 1, 2, 3] }), y: 1 }),
        body: (of) => [f.add({ x: of, y: 1 })],
      },
      "stop",
    )[0]!,
  write_state: (f, x) => {
    const input = state(f);
    f.write_state({ input, data: x });
    return f.round({ x: f.read_state({ input }) });
  },
};

const entries = Object.entries<RuleEntry>(RULES);
const refused = entries.flatMap(([type, entry]) =>
  typeof entry === "object" && "refused" in entry ? [[type, entry] as const] : [],
);
const zero = entries.flatMap(([type, entry]) =>
  typeof entry === "object" && "zero" in entry ? [[type, entry.zero] as const] : [],
);

it("ops that are refused are all here, but for those that compute nothing from tensors of the program", () => {
  const others = refused.map(([type]) => type).filter((type) => !(type in REFUSED));
  expect(others.filter((type) => !type.startsWith("constexpr_"))).toEqual(["make_list"]);
  expect(refused.length + zero.length).toBeGreaterThan(50);
});

describe("refused, with op, value, reason and advice", () => {
  it.each(refused)("%s", (type, { refused: reason, advice }) => {
    const program = type in REFUSED ? programOf(REFUSED[type]!) : programWith(type);
    const error = errorOf(() => grad(program, { of: "y", wrt: ["x"], seed: "dy" }));
    expect(error).toBeInstanceOf(GradientError);
    expect((error as GradientError).code).toBe("not_differentiable");
    const value = type === "write_state" ? "s" : "(stop(_0)?|y)";
    expect(error.message).toMatch(new RegExp(`^grad: op "${type}" \\(value "${value}"\\): `));
    expect(error.message.endsWith(`): ${reason}. ${advice}.`), error.message).toBe(true);
  });
});

describe("a gradient of zero, of which the op and the reason can be asked", () => {
  it.each(zero)("%s", (type, reason) => {
    const program = programWith(type);
    const joint = jointGraph(program, { seeds: { y: "dy" }, wrt: ["x"] });
    expect(joint.gradientOf.size).toBe(0);
    expect(joint.endOf("x")).toBe(`op "${type}" (value "stop"): ${reason}`);
  });

  it("that nothing depends on has no op", () => {
    const program = buildProgram({}, (f) => {
      f.input("idle", IMAGE);
      return { y: f.relu({ x: f.input("x", IMAGE) }) };
    });
    const joint = jointGraph(program, { seeds: { y: "dy" }, wrt: ["idle", "x"] });
    expect([...joint.gradientOf.keys()]).toEqual(["x"]);
    expect(joint.endOf("idle")).toBeUndefined();
  });
});

describe("a layer whose gradient ends", () => {
  const S = 32;
  const derive = (body: Body) =>
    deriveTraining(
      {
        name: "steps",
        inputs: { x: 4 },
        parameters: { w: { shape: [4] } },
        forward: (f, { x }, { w }) => ({ y: f.mul({ x: body(f, x!), y: w! }) }),
      } satisfies LayerDefinition,
      { seqLen: S, pipeline: "static", dtype: "fp32" },
    );
  const positive = (f: FunctionBuilder, x: Value) => f.greater({ x, y: 0 }, "positive");
  const integers = "what is no floating-point tensor has no gradient";

  it.each<[string, Body, string]>([
    ["round", (f, x) => f.round({ x }, "q"), 'op "round" (value "q"): piecewise constant'],
    [
      "sign of a product",
      (f, x) => f.sign({ x: f.mul({ x, y: 3 }) }, "q"),
      'op "sign" (value "q"): piecewise constant',
    ],
    [
      "floor_div",
      (f, x) => f.floor_div({ x, y: 2 }, "q"),
      'op "floor_div" (value "q"): piecewise constant',
    ],
    [
      "a cast to integers and back",
      (f, x) => float(f, f.cast({ x, dtype: "int32" }, "n")),
      `op "cast" (value "n"): ${integers}`,
    ],
    [
      "a cast to booleans, through logic",
      (f, x) => float(f, f.logical_not({ x: f.cast({ x, dtype: "bool" }, "b") })),
      `op "cast" (value "b"): ${integers}`,
    ],
    [
      "a condition",
      (f, x) =>
        f.select({
          cond: positive(f, x),
          a: zeros(f, "no", [1, 4, 1, S]),
          b: zeros(f, "yes", [1, 4, 1, S]),
        }),
      'op "greater" (value "positive"): a comparison is piecewise constant',
    ],
    [
      "a shape",
      (f, x) => f.fill_like({ ref_tensor: f.mul({ x, y: 2 }), value: 1 }, "filled"),
      'op "fill_like" (value "filled"): its rule gives a gradient of zero',
    ],
  ])("%s", (_, body, end) => {
    expect(errorOf(() => derive(body)).message).toBe(
      `deriveTraining: steps: a gradient reaches every value that it is asked of, got none of "x": it ends at ${end}. Give that op a rule in "rules", name it in "frozen", or leave it out of "gradients".`,
    );
  });

  it("or is refused, with the name of the layer", () => {
    const places = (f: FunctionBuilder, x: Value) => float(f, f.argsort({ x, axis: -1 }, "order"));
    expect(errorOf(() => derive(places)).message).toMatch(
      /^grad: layer "steps", op "argsort" \(value "order"\): positions have no derivative\. Use the values/,
    );
  });
});

it("values that are no floating-point tensors are named with the op that computes them", () => {
  const program = programOf((f, x) => float(f, f.cast({ x, dtype: "int32" }, "whole")));
  const message = (options: Parameters<typeof grad>[1]) =>
    errorOf(() => grad(program, options)).message;
  const expected =
    'grad: op "cast" (value "whole"): gradients are of floating-point tensors, got int32. Name a floating-point value that it is computed from, or that is computed from it.';
  expect(message({ of: "whole", wrt: ["x"], seed: "d" })).toBe(expected);
  expect(message({ of: "y", wrt: ["whole"], seed: "d" })).toBe(expected);
});
