/**
 * Ops as the engine computes them, where that is known to differ from their definition: products in the multiply-accumulate
 * unit (of expanded 8-bit integers: exact), activations by table, NaN read as infinity by elementwise ops. All other ops are their definitions. The caller rounds
 * results with `roundHalfAway`. Source: 751K notes/numerics.md, measured on M4 and M6.
 */
import { isFloat } from "../../dtype.js";
import type { Outputs } from "../../op-definition.js";
import { ACTIVATION_OPS } from "../../ops/activation.js";
import { transposedAxes } from "../../ops/conv-transpose.js";
import { ELEMENTWISE_BINARY_OPS } from "../../ops/elementwise-binary.js";
import { ELEMENTWISE_UNARY_OPS } from "../../ops/elementwise-unary.js";
import { type PadType, windowAxes } from "../../ops/window.js";
import type { Tensor } from "../../tensor.js";
import { mapUnary } from "../elementwise.js";
import { type TableActivation, tableActivation } from "./activation-table.js";
import { convolveInUnit } from "./convolve.js";
import { einsumInUnit, linearInUnit, matmulInUnit } from "./multiply.js";

/** Inputs by name as the op's definition receives them. */
type Inputs = Readonly<Record<string, unknown>>;

export type EngineEvaluate = (inputs: Inputs, outputs: Outputs) => void;

interface ConvInputs {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias?: Tensor;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly pad: readonly number[] | undefined;
  readonly groups: number;
}

const conv: EngineEvaluate = (inputs, [out]) => {
  const given = inputs as unknown as ConvInputs & { readonly pad_type: PadType };
  const { x, weight, bias, groups, strides, dilations, pad, pad_type: padType } = given;
  const spatial = x.type.shape.slice(2);
  const kernel = weight.type.shape.slice(2);
  const axes = windowAxes({ spatial, kernel, strides, dilations, padType, pad });
  convolveInUnit({ x, weight, bias, groups, axes, transposed: false }, out);
};

const convTranspose: EngineEvaluate = (inputs, [out]) => {
  const given = inputs as unknown as ConvInputs & Parameters<typeof transposedAxes>[2];
  const { x, weight, bias, groups } = given;
  const axes = transposedAxes(x.type.shape.slice(2), weight.type.shape.slice(2), given);
  convolveInUnit({ x, weight, bias, groups, axes, transposed: true }, out);
};

const matmul: EngineEvaluate = (inputs, [out]) => {
  const { x, y, transpose_x, transpose_y } = inputs as unknown as {
    readonly x: Tensor;
    readonly y: Tensor;
    readonly transpose_x: boolean;
    readonly transpose_y: boolean;
  };
  matmulInUnit(x, y, transpose_x, transpose_y, out);
};

const linear: EngineEvaluate = (inputs, [out]) => {
  const { x, weight, bias } = inputs as unknown as {
    readonly x: Tensor;
    readonly weight: Tensor;
    readonly bias: Tensor | undefined;
  };
  linearInUnit(x, weight, bias, out);
};

const einsum: EngineEvaluate = (inputs, [out]) => {
  const { values } = inputs as unknown as { readonly values: readonly [Tensor, Tensor] };
  einsumInUnit(values[0], values[1], out);
};

function byTable(name: TableActivation): EngineEvaluate {
  const look = tableActivation(name);
  return (inputs, [out]) => mapUnary((inputs as unknown as { readonly x: Tensor }).x, out, look);
}

const ENGINE_OPS: ReadonlyMap<string, EngineEvaluate> = new Map([
  ["conv", conv],
  ["conv_transpose", convTranspose],
  ["matmul", matmul],
  ["linear", linear],
  ["einsum", einsum],
  ["sigmoid", byTable("sigmoid")],
  ["silu", byTable("silu")],
  ["tanh", byTable("tanh")],
  ["erf", byTable("erf")],
]);

const PRODUCTS: ReadonlySet<string> = new Set(["conv", "conv_transpose", "matmul", "linear"]);

const gelu = byTable("gelu");

const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...Object.keys(ELEMENTWISE_UNARY_OPS),
  ...Object.keys(ELEMENTWISE_BINARY_OPS),
  ...Object.keys(ACTIVATION_OPS),
]);

/** Ops that expand integers of at most 8 bits. */
const EXPANDING: ReadonlySet<string> = new Set(["dequantize", "constexpr_affine_dequantize"]);

/** The engine during one run of a program. */
export class Engine {
  /** What expanded integers were before they were rounded to fp16. */
  readonly #expanded = new WeakMap<Tensor, Tensor>();

  /** Computes an op, given its definition's own evaluation. */
  evaluate(type: string, evaluate: EngineEvaluate, inputs: Inputs, outputs: Outputs): void {
    const integers = this.#integerOperands(inputs);
    if (PRODUCTS.has(type) && integers !== undefined) {
      evaluate({ ...inputs, ...integers }, outputs);
      return;
    }
    engineEvaluate(type, evaluate)(inputs, outputs);
    const [out] = outputs;
    if (EXPANDING.has(type)) {
      this.#expanded.set(out, { type: out.type, data: Float64Array.from(out.data) });
    }
  }

  /** Both operands of a product if both were expanded: their sum runs over integers, where nothing is dropped or rounded. */
  #integerOperands({ x, y, weight }: Inputs): Inputs | undefined {
    const name = weight === undefined ? "y" : "weight";
    const other = weight ?? y;
    if (!isTensor(x) || !isTensor(other)) return undefined;
    const [left, right] = [this.#expanded.get(x), this.#expanded.get(other)];
    return left && right && { x: left, [name]: right };
  }
}

function engineEvaluate(type: string, evaluate: EngineEvaluate): EngineEvaluate {
  const known = ENGINE_OPS.get(type) ?? (type === "gelu" ? tabledGelu(evaluate) : evaluate);
  if (!ELEMENTWISE.has(type)) return known;
  return (inputs, outputs) => known(withoutNaN(inputs), outputs);
}

/** EXACT and TANH_APPROXIMATION share a table; nothing is known of the sigmoid form. */
function tabledGelu(evaluate: EngineEvaluate): EngineEvaluate {
  return (inputs, outputs) =>
    (inputs.mode === "SIGMOID_APPROXIMATION" ? evaluate : gelu)(inputs, outputs);
}

/** NaN + 1 is infinity on the engine: NaN operands read as +infinity. */
function withoutNaN(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, isTensor(input) ? readNaN(input) : input]),
  );
}

function readNaN(value: Tensor): Tensor {
  if (!isFloat(value.type.dtype) || !value.data.some(Number.isNaN)) return value;
  return { type: value.type, data: value.data.map((x) => (Number.isNaN(x) ? Infinity : x)) };
}

function isTensor(input: unknown): input is Tensor {
  return typeof input === "object" && input !== null && "type" in input && "data" in input;
}
