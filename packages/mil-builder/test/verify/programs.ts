/** Small programs for the verifier, and ways to break them that the builder would not allow. */
import {
  buildProgram,
  type FunctionBuilder,
  type MilFunction,
  type Operation,
  type Program,
  type TensorType,
  tensor,
  type Value,
} from "../../src/index.js";

export const SURFACE = tensor("fp16", [1, 64, 1, 32]);

/** A program of one input "x" and one output "out". */
export function program(
  body: (f: FunctionBuilder, x: Value) => Value,
  { x = SURFACE, ...options }: { x?: TensorType; opset?: "ios16"; version?: "1.0" } = {},
): Program {
  return buildProgram(options, (f) => ({ out: body(f, f.input("x", x)) }));
}

/** A program whose result is an op that need not be in the op table: `type(x = x)`. */
export function rawProgram(
  type: string,
  {
    inputs = {},
    attributes = {},
    result = SURFACE,
  }: {
    inputs?: Operation["inputs"];
    attributes?: Operation["attributes"];
    result?: TensorType;
  } = {},
): Program {
  const base = program((f, x) => f.relu({ x }, "y"));
  return withMain(base, (main) => {
    const argument = { kind: "value", value: main.inputs[0]! } as const;
    const out = { name: "out", type: result };
    return {
      ...main,
      operations: [{ type, inputs: { x: argument, ...inputs }, attributes, outputs: [out] }],
      outputs: [out],
    };
  });
}

/** The program with its only function exchanged. */
export function withMain(base: Program, change: (main: MilFunction) => MilFunction): Program {
  return { ...base, functions: [change(base.functions[0]!)] };
}

/** The program with its last op exchanged. */
export function withLastOperation(
  base: Program,
  change: (operation: Operation) => Operation,
): Program {
  return withMain(base, (main) => ({
    ...main,
    operations: [...main.operations.slice(0, -1), change(main.operations.at(-1)!)],
  }));
}

export const relu = program((f, x) => f.relu({ x }));
export const chain = program((f, x) => f.relu({ x: f.relu({ x }, "first") }));

/** x projected by a weight of this shape. */
export function convolution(channels: number, kernel: readonly [number, number]): Program {
  const x = tensor("fp16", [1, channels, 32, 32]);
  return program(
    (f, input) => {
      const weight = f.blob("w", tensor("fp16", [8, channels, ...kernel]), "@model_path/w.bin");
      const [up, left] = kernel.map((size) => Math.floor(size / 2)) as [number, number];
      const [down, right] = [kernel[0] - 1 - up, kernel[1] - 1 - left];
      return f.conv({ x: input, weight, pad_type: "custom", pad: [up, down, left, right] });
    },
    { x },
  );
}

/** x · xᵀ, with sums of so many products. */
export function longMatmul(length: number): Program {
  return program((f, x) => f.matmul({ x, y: x, transpose_x: false, transpose_y: true }), {
    x: tensor("fp16", [1, 1, 32, length]),
  });
}

/** x plus a constant that is read from this place. */
export function weightAt(path: string, offset: number, type: TensorType = SURFACE): Program {
  const base = program((f, x) => f.add({ x, y: f.blob("w", SURFACE, "@model_path/w.bin") }));
  return withMain(base, (main) => ({
    ...main,
    operations: main.operations.map((operation) => ({
      ...operation,
      attributes: Object.fromEntries(
        Object.entries(operation.attributes).map(([key, value]) => [
          key,
          value.kind === "blob" ? { ...value, type, path, offset } : value,
        ]),
      ),
    })),
  }));
}

/** Two convolutions in a row, of which the second has so many output channels; both weights are read from one place. */
export function twoWeights(channels: number, outputs: number): Program {
  const path = "@model_path/w.bin";
  return program(
    (f, x) => {
      const first = f.blob("w1", tensor("fp16", [channels, channels, 1, 1]), path);
      const second = f.blob("w2", tensor("fp16", [outputs, channels, 1, 1]), path);
      return f.conv({ x: f.conv({ x, weight: first }, "first"), weight: second });
    },
    { x: tensor("fp16", [1, channels, 1, 32]) },
  );
}

/** max_pool with a square window. */
export function pooling(size: number): Program {
  const x = tensor("fp16", [1, 64, 32, 32]);
  return program(
    (f, input) => f.max_pool({ x: input, kernel_sizes: [size, size], pad_type: "same" }),
    { x },
  );
}

/** The fused attention op on so many queries and keys. */
export function fusedAttention(queries: number, keys: number): Program {
  const heads = (name: string, length: number) =>
    ({ kind: "value", value: { name, type: tensor("fp16", [1, 1, length, 64]) } }) as const;
  return rawProgram("scaled_dot_product_attention", {
    inputs: { query: heads("q", queries), key: heads("k", keys), value: heads("v", keys) },
  });
}

/** topk of so many elements. */
export function topk(k: number): Program {
  const count = { kind: "literal", type: tensor("int32", []), elements: Int32Array.of(k) } as const;
  return rawProgram("topk", { inputs: { k: count } });
}
