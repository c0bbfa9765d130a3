/**
 * What the gradient of a parameter is made of: a product over the tokens of two tensors, sums over the tokens of one, or anything
 * else. The first two leave the sum over tokens to whoever adds up gradients in fp32.
 */
import type { Operation, Value } from "../../program.js";
import { elementCount } from "../../tensor-type.js";
import type { TrainingGraph } from "./training-graph.js";

/** Tensors of the joint function. */
export type GradientForm =
  | { readonly kind: "product"; readonly dy: string; readonly x: string }
  | { readonly kind: "rowSums"; readonly of: string }
  | { readonly kind: "elements"; readonly of: string };

const VIEWS = ["reshape", "squeeze", "expand_dims", "identity"];

/**
 * @param gradient Name of the gradient of a parameter of `count` elements.
 * @param rows Name of the same as rows of S elements.
 */
export function gradientForms(
  graph: TrainingGraph,
  gradient: string,
  rows: string,
  count: number,
): readonly GradientForm[] {
  return formsOf(graph, gradient, count, false) ?? [{ kind: "elements", of: graph.tensorOf(rows) }];
}

/** @param swapped True if the gradient is the transpose of the value. */
function formsOf(
  graph: TrainingGraph,
  name: string,
  count: number,
  swapped: boolean,
): readonly GradientForm[] | undefined {
  const operation = graph.producer(name);
  if (operation === undefined || elementCount(graph.value(name).type.shape) !== count) return;
  const operand = (argument: string) => operandOf(operation, argument);
  const { type } = operation;
  if (VIEWS.includes(type)) return formsOf(graph, operand("x").name, count, swapped);
  if (type === "add") {
    const terms = [operand("x"), operand("y")].map((term) =>
      formsOf(graph, term.name, count, swapped),
    );
    return terms.every((term) => term !== undefined) ? terms.flat() : undefined;
  }
  if (type === "transpose") {
    const { shape } = operand("x").type;
    const long = graph.integers(operation, "perm").filter((axis) => shape[axis] !== 1);
    if (long.every((axis, i) => i === 0 || axis > long[i - 1]!)) {
      return formsOf(graph, operand("x").name, count, swapped);
    }
    return long.length === 2 ? formsOf(graph, operand("x").name, count, !swapped) : undefined;
  }
  if (type === "matmul") return product(graph, operation, swapped);
  return type === "reduce_sum" && !swapped ? rowSums(graph, operation, count) : undefined;
}

function product(
  graph: TrainingGraph,
  operation: Operation,
  swapped: boolean,
): readonly GradientForm[] | undefined {
  const flag = (name: string) => graph.integers(operation, name)[0] === 1;
  const dy = rowsOperand(graph, operandOf(operation, "x"), flag("transpose_x"));
  const x = rowsOperand(graph, operandOf(operation, "y"), !flag("transpose_y"));
  if (dy === undefined || x === undefined) return;
  return [swapped ? { kind: "product", dy: x, x: dy } : { kind: "product", dy, x }];
}

/** The tensor whose rows a product adds over, if it is one matrix. @param isTurned True if the operand has tokens first. */
function rowsOperand(graph: TrainingGraph, value: Value, isTurned: boolean): string | undefined {
  const { shape } = value.type;
  if (elementCount(shape.slice(0, -2)) !== 1) return;
  if (!isTurned)
    return graph.rows(value.name) === undefined ? undefined : graph.tensorOf(value.name);
  const turn = graph.producer(value.name);
  if (turn?.type !== "transpose" || shape.at(-2) !== graph.S) return;
  const source = operandOf(turn, "x");
  return graph.rows(source.name) === shape.at(-1) ? graph.tensorOf(source.name) : undefined;
}

function rowSums(
  graph: TrainingGraph,
  operation: Operation,
  count: number,
): readonly GradientForm[] | undefined {
  const x = operandOf(operation, "x");
  const { shape } = x.type;
  const axes = graph
    .integers(operation, "axes")
    .map((axis) => (axis < 0 ? axis + shape.length : axis));
  const isOverTokens = axes.includes(shape.length - 1) && graph.rows(x.name) === count;
  return isOverTokens ? [{ kind: "rowSums", of: graph.tensorOf(x.name) }] : undefined;
}

function operandOf({ inputs }: Operation, name: string): Value {
  const argument = inputs[name];
  if (argument?.kind !== "value") throw new TypeError(`operandOf: "${name}" must be a value.`);
  return argument.value as Value;
}
