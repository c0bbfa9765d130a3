/**
 * Weight gradients as a kernel: dW[out, in] = dy[out, S] · x[in, S]ᵀ for several matrices with the same `in`, whose results lie one below the
 * other in an output surface [1, C, 1, in].
 */
import { functionBuilder } from "../../builder.js";
import { finishFunction } from "../../function-outputs.js";
import { FunctionScope } from "../../function-scope.js";
import type { Slot } from "../../kernel.js";
import { type EmitSetting, inputPorts, inputSlots } from "./emit-kernel.js";
import type { GradientForm } from "./gradient-forms.js";
import type { LayerTensors } from "./layer-tensors.js";
import { OpReplay } from "./op-replay.js";
import type { DerivedKernel } from "./types.js";

type Product = Extract<GradientForm, { readonly kind: "product" }>;

/** The products that one kernel computes. */
export interface ProductsPlan {
  readonly name: string;
  /** Operands. */
  readonly fed: readonly string[];
  /** By the name of the result's slot. */
  readonly products: ReadonlyMap<string, Product & { readonly parameter: string }>;
}

/** A row of the result fills whole 64-byte lines in fp16. */
const ROW_ELEMENTS = 32;

/** A kernel for all products with the same number of columns. Products whose rows do not fill whole lines are left out. */
export function planProducts({ layer, graph, forms }: LayerTensors): readonly ProductsPlan[] {
  const groups = new Map<number, Map<string, Product & { parameter: string }>>();
  for (const [parameter, list] of forms) {
    list.forEach((form, index) => {
      if (form.kind !== "product") return;
      const columns = graph.rows(form.x)!;
      if (columns % ROW_ELEMENTS !== 0) return;
      const group = groups.get(columns) ?? new Map();
      groups.set(columns, group.set(`d_${parameter}${index || ""}`, { ...form, parameter }));
    });
  }
  return [...groups].map(([columns, products]) => ({
    name: `${layer.name}Dw${groups.size === 1 ? "" : columns}`,
    fed: [...new Set([...products.values()].flatMap(({ dy, x }) => [dy, x]))],
    products,
  }));
}

export function emitProducts(setting: EmitSetting, plan: ProductsPlan): DerivedKernel {
  const { graph, layer, header } = setting;
  const { name, fed, products } = plan;
  const inputs = inputSlots(setting, fed);
  const scope = new FunctionScope(graph.main.opset);
  const f = functionBuilder(scope);
  const ports = inputPorts(setting, f, inputs);
  const sources = {
    inputs: new Map(fed.map((t) => [t, inputs[setting.slotName(t)]!])),
    ports,
    staged: new Map(),
  };
  const replay = new OpReplay({ graph, layer, scope, sources });
  const outputs: Record<string, Slot> = {};
  let start = 0;
  const values = [...products].map(([slot, { dy, x }]) => {
    const [rows, columns] = [graph.rows(dy)!, graph.rows(x)!];
    const operand = (of: string) =>
      f.transpose({ x: replay.rows(of, of), perm: [0, 2, 1, 3] }, `${of}_tokens`);
    const product = f.matmul(
      { x: operand(dy), y: operand(x), transpose_x: false, transpose_y: true },
      `${slot}_rows`,
    );
    const shape = [1, rows, 1, columns] as const;
    outputs[slot] = { port: "out", axis: "channel", start, size: rows, shape };
    start += rows;
    return f.transpose({ x: product, perm: [0, 2, 1, 3] }, slot);
  });
  const out = values.length === 1 ? values[0]! : f.concat({ values, axis: 1, interleave: false });
  return {
    name,
    program: { ...header, functions: [finishFunction(scope, graph.main.name, { out })] },
    inputs,
    outputs,
    weights: {},
    staged: {},
    constants: new Map(),
  };
}
