import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  buildProgram,
  type FunctionBuilder,
  type MilFunction,
  type Operation,
  print,
  ShapeError,
  scalar,
  tensor,
  tensorTypeOf,
  type Value,
} from "../src/index.js";

const X = tensor("fp16", [1, 8, 1, 32]);

function build(
  body: (f: FunctionBuilder, x: Value) => Record<string, Value> | Value[],
): MilFunction {
  return buildProgram({}, (f) => body(f, f.input("x", X))).functions[0]!;
}

function consts(main: MilFunction): readonly Operation[] {
  return main.operations.filter(({ type }) => type === "const");
}

function names(main: MilFunction): readonly string[] {
  return main.operations.flatMap(({ outputs }) => outputs.map(({ name }) => name));
}

describe("literals", () => {
  it("become const ops named after parameter and value, and are shared", () => {
    const main = build((f, x) => {
      const a = f.matmul({ x, y: x, transpose_x: false, transpose_y: true });
      const b = f.matmul({ x: a, y: a, transpose_y: true });
      return { out: f.reshape({ x: b, shape: [1, 8, 1, 1] }) };
    });
    expect(consts(main).map(({ outputs }) => outputs[0]!.name)).toEqual([
      "transpose_x_false",
      "transpose_y_true",
      "shape_1_8_1_1",
    ]);
    const [first, second] = main.operations.filter(({ type }) => type === "matmul");
    expect(first!.inputs.transpose_y).toEqual(second!.inputs.transpose_y);
    expect(Object.keys(first!.inputs)).toEqual(["transpose_x", "transpose_y", "x", "y"]);
  });

  it("stand before the op that uses them, and only by name in it", () => {
    const main = build((f, x) => ({ out: f.softmax({ x, axis: -1 }) }));
    expect(names(main)).toEqual(["axis_m1", "out"]);
    expect(main.operations[1]!.inputs.axis).toMatchObject({ kind: "value" });
  });

  it("take the dtype of the other operand", () => {
    const main = build((f, x) => ({ out: f.mul({ x, y: 0.1 }) }));
    const { type, attributes } = consts(main)[0]!;
    expect(type).toBe("const");
    expect(attributes.val).toEqual({
      kind: "literal",
      type: scalar("fp16"),
      elements: Float64Array.of(0.0999755859375),
    });
    expect(names(main)[0]).toBe("fp16_0p1");
  });

  it("of one value but two dtypes are two consts", () => {
    const main = build((f, x) => {
      const single = f.add({ x: f.cast({ x, dtype: "fp32" }), y: 1 });
      return { out: f.add({ x: f.cast({ x: single, dtype: "fp16" }), y: 1 }) };
    });
    expect(consts(main).map(({ outputs }) => tensorTypeOf(outputs[0]!).dtype)).toEqual([
      "string",
      "fp32",
      "string",
      "fp16",
    ]);
  });

  it("are refused where the dtype cannot hold them", () => {
    expect(() => build((f, x) => [f.mul({ x, y: 1e5 })])).toThrow(
      /100000, which would become Infinity/,
    );
    expect(() => build((f, x) => [f.rsqrt({ x, epsilon: 1e-12 })])).toThrow(/would become 0/);
    expect(() => build((f, x) => [f.softmax({ x, axis: 0.5 })])).toThrow(ArgumentError);
  });

  it("alone have no dtype", () => {
    expect(() => build((f) => [f.add({ x: 1, y: 2 })])).toThrow(/literals only/);
  });
});

describe("names", () => {
  it("are the author's, made unique", () => {
    const main = build((f, x) => {
      const a = f.relu({ x }, "y");
      const b = f.relu({ x: a }, "y");
      return [f.relu({ x: b }), f.relu({ x: b }, "y")];
    });
    expect(names(main)).toEqual(["y", "y_0", "relu_0", "y_1"]);
    expect(main.outputs.map(({ name }) => name)).toEqual(["relu_0", "y_1"]);
  });

  it("of several results are numbered", () => {
    const main = build((f, x) => [...f.split({ x, num_splits: 2, axis: 1 }, "half")]);
    expect(main.outputs.map(({ name }) => name)).toEqual(["half_0", "half_1"]);
  });

  it("of outputs are the ports', whatever had them before", () => {
    const main = build((f, x) => {
      const taken = f.relu({ x }, "out");
      const last = f.exp({ x: taken }, "last");
      return { out: last, second: taken };
    });
    expect(main.operations.map(({ type, outputs }) => [type, outputs[0]!.name])).toEqual([
      ["relu", "second"],
      ["exp", "out"],
    ]);
    expect(main.operations[1]!.inputs.x).toMatchObject({ value: { name: "second" } });
    expect(main.operations[1]!.attributes.name).toMatchObject({ elements: ["out"] });
  });

  it("of intermediates give way to ports", () => {
    const main = build((f, x) => {
      const taken = f.relu({ x }, "out");
      return { out: f.exp({ x: taken }) };
    });
    expect(names(main)).toEqual(["out_0", "out"]);
  });

  it("must be identifiers and no words of the language", () => {
    expect(() => build((f, x) => [f.relu({ x }, "1st")])).toThrow(ArgumentError);
    expect(() => build((f, x) => [f.relu({ x }, "fp16")])).toThrow(/word of the language/);
    expect(() => build((f, x) => ({ "a b": f.relu({ x }) }))).toThrow(ArgumentError);
    expect(() => buildProgram({ name: "ma in" }, (f) => [f.input("x", X)])).toThrow(ArgumentError);
  });
});

describe("ports", () => {
  it("copy what is an input or already an output", () => {
    const main = build((f, x) => {
      const y = f.relu({ x });
      return { a: x, b: y, c: y };
    });
    expect(main.operations.map(({ type }) => type)).toEqual(["relu", "identity", "identity"]);
    expect(main.outputs.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("are refused without outputs, twice, or with an input's name", () => {
    expect(() => build(() => ({}))).toThrow(/at least one/);
    expect(() => build((f, x) => ({ x: f.relu({ x }) }))).toThrow(/an input or an output/);
    expect(() => build((_, x) => [x])).toThrow(/an input or an output/);
    expect(() => build((f, x) => [f.relu({ x: f.input(x.name, X) })])).toThrow(/unique/);
  });

  it("keep values of other functions out", () => {
    let stranger: Value | undefined;
    build((f, x) => {
      stranger = f.relu({ x });
      return [stranger];
    });
    expect(() => build((f) => [f.relu({ x: stranger! })])).toThrow(/another/);
    expect(() => build(() => [stranger!])).toThrow(/another/);
  });
});

describe("constants", () => {
  it("are rounded to their dtype and checked against their type", () => {
    const main = build((f, x) => [
      f.add({
        x,
        y: f.constant("c", tensor("fp16", [1, 1, 1, 32]), new Float32Array(32).fill(0.1)),
      }),
    ]);
    const literal = consts(main)[0]!.attributes.val;
    expect(literal).toMatchObject({ elements: new Float64Array(32).fill(0.0999755859375) });
    expect(() => build((f) => [f.constant("c", tensor("fp16", [2]), [1])])).toThrow(
      /2 elements, got 1/,
    );
    expect(() => build((f) => [f.constant("c", scalar("int8"), 128)])).toThrow(/-128\.\.127/);
    expect(() => build((f) => [f.constant("c", scalar("bool"), 1)])).toThrow(/booleans/);
  });

  it("of wide integers are bigints", () => {
    const main = build((f) => [f.constant("c", tensor("uint32", [2]), [1, 2 ** 32 - 1])]);
    expect(main.operations[0]!.attributes.val).toMatchObject({ elements: [1n, 2n ** 32n - 1n] });
  });

  it("in files have an aligned offset and a dtype that files can hold", () => {
    const blob = (f: FunctionBuilder, offset: number) => [
      f.blob("w", X, "@model_path/w.bin", offset),
    ];
    expect(build((f) => blob(f, 128)).operations[0]!.attributes.val).toEqual({
      kind: "blob",
      type: X,
      path: "@model_path/w.bin",
      offset: 128,
    });
    expect(() => build((f) => blob(f, 100))).toThrow(/multiple of 64/);
    expect(() => build((f) => [f.blob("w", scalar("int64"), "w.bin")])).toThrow(/32 bits/);
  });

  it("may be given where a compile-time tensor is asked for, and only they", () => {
    const weight = tensor("fp16", [4, 32]);
    build((f, x) => [f.linear({ x, weight: f.blob("w", weight, "w.bin") })]);
    expect(() =>
      buildProgram({}, (f) => [f.linear({ x: f.input("x", X), weight: f.input("w", weight) })]),
    ).toThrow(/"weight" must be a compile-time constant/);
  });
});

describe("errors", () => {
  it("say which rule, and point at the author's line", () => {
    let thrown: unknown;
    try {
      build((f, x) => [f.transpose({ x, perm: [0, 1] }, "t")]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ShapeError);
    const { code, op, rule, expected, actual, stack } = thrown as ShapeError;
    expect({ code, op, rule, expected, actual }).toEqual({
      code: "ERR_SHAPE",
      op: 'transpose "t"',
      rule: '"perm" must name every axis',
      expected: "4 axes",
      actual: "[0, 1]",
    });
    const frame = stack!.split("\n").find((line) => line.trim().startsWith("at "));
    expect(frame).toContain("builder.test.ts");
  });

  it("name the opset that an op or parameter needs", () => {
    const inputs = { x: undefined } as unknown as { x: Value };
    expect(() => build((f) => [f.relu(inputs)])).toThrow(/"x" is required/);
    const extra = (x: Value) => ({ x, beta: 1 }) as unknown as { x: Value };
    expect(() => build((f, x) => [f.relu(extra(x))])).toThrow(/got "beta"\. Expected one of x/);
    const mode = "FAST" as "EXACT";
    expect(() => build((f, x) => [f.gelu({ x, mode })])).toThrow(/"EXACT" or/);
  });
});

describe("buildProgram", () => {
  it("has the opset, dialect and name asked for", () => {
    const program = buildProgram({ opset: "ios16", version: "1.0", name: "step" }, (f) => {
      expect(f.opset).toBe("ios16");
      return { y: f.relu({ x: f.input("x", X) }) };
    });
    expect(program.version).toBe("1.0");
    expect(program.functions[0]).toMatchObject({ name: "step", opset: "ios16" });
    expect(print(program)).toMatch(/^program\(1\.0\)/);
  });

  it("is a pure function of its body", () => {
    const make = () =>
      buildProgram({}, (f) => {
        const x = f.input("x", X);
        return { y: f.mul({ x: f.exp({ x }), y: 2 }) };
      });
    expect(make()).toEqual(make());
  });
});
