/**
 * What gradients of common ops leave behind, in fewer ops: two halves that were filled up with zeros and added are joined, and minus
 * signs end in a subtraction. Results stay the same, but for the sign of zeros.
 *
 * Before:
 *
 *     func main<ios18>(tensor<fp16, [1, 4, 1, 8]> a, tensor<fp16, [1, 4, 1, 8]> b) {
 *             tensor<fp16, [1, 4, 2, 8]> first = pad(mode = constant, pad = (0, 0, 0, 0, 0, 1, 0, 0), x = a);
 *             tensor<fp16, [1, 4, 2, 8]> second = pad(mode = constant, pad = (0, 0, 0, 0, 1, 0, 0, 0), x = b);
 *             tensor<fp16, [1, 4, 2, 8]> both = add(x = second, y = first);
 *         } -> (both);
 *
 * After:
 *
 *     func main<ios18>(tensor<fp16, [1, 4, 1, 8]> a, tensor<fp16, [1, 4, 1, 8]> b) {
 *             tensor<fp16, [1, 4, 2, 8]> both = concat(axis = 2, interleave = false, values = (a, b));
 *         } -> (both);
 */
import { mapFunctions } from "../../passes/pass.js";
import { KEEP, type Rewrite, type RewriteScope, rewriteFunction } from "../../passes/rewrite.js";
import type { Argument, Operation, Program, Value } from "../../program.js";
import { sameShape, scalar, staticTypeOf, tensor } from "../../tensor-type.js";

/** Joins complementary halves, and lets minus signs end in a subtraction. */
export function tidyGradients(program: Program): Program {
  return mapFunctions(program, (main) =>
    rewriteFunction(main, (operation, scope) => {
      if (operation.type === "mul") return outwards(operation, scope);
      if (operation.type !== "add") return KEEP;
      const inPlace = isElementwise(operation)
        ? (joined(operation, scope) ?? addedInPart(operation, scope))
        : undefined;
      return inPlace ?? subtracted(operation, scope) ?? KEEP;
    }),
  );
}

/** True if neither operand is broadcast. */
function isElementwise({ inputs: { x, y }, outputs: [sum] }: Operation): boolean {
  return [x, y].every(
    (operand) =>
      operand?.kind === "value" &&
      sameShape(staticTypeOf(operand.value).shape, staticTypeOf(sum!).shape),
  );
}

/** add(pad(a), pad(b)) where each has its elements where the other has zeros, along one axis: both one behind the other. */
function joined(operation: Operation, scope: RewriteScope): Rewrite | undefined {
  const [x, y] = [zeroPadding(operation.inputs.x, scope), zeroPadding(operation.inputs.y, scope)];
  if (x === undefined || y === undefined || x.axis !== y.axis) return undefined;
  const [first, second] = x.before === 0 ? [x, y] : [y, x];
  const fits =
    first.before === 0 &&
    second.after === 0 &&
    first.after === second.length &&
    second.before === first.length;
  return fits ? { operations: concat(operation, [first.x, second.x], x.axis, scope) } : undefined;
}

/** add(x, pad(y)) along one axis: the part of x that y is added to, between the parts that stay. */
function addedInPart(operation: Operation, scope: RewriteScope): Rewrite | undefined {
  const { x, y } = operation.inputs;
  for (const [whole, part] of [
    [x, zeroPadding(y, scope)],
    [y, zeroPadding(x, scope)],
  ] as const) {
    if (part === undefined || whole?.kind !== "value") continue;
    const { axis, before, after, length } = part;
    const type = staticTypeOf(whole.value);
    if (axis === type.shape.length - 1 || scope.producer(whole)?.type === "pad") continue;
    const operations: Operation[] = [];
    const cut = (from: number, size: number): Argument => {
      const begin = type.shape.map((_, index) => (index === axis ? from : 0));
      const extents = type.shape.map((dim, index) => (index === axis ? size : dim));
      const [start, extent] = [integers("begin", begin, scope), integers("size", extents, scope)];
      const result = { name: scope.name("part"), type: tensor(type.dtype, extents) };
      const inputs = { x: whole, begin: argumentOf(start), size: argumentOf(extent) };
      operations.push(start, extent, {
        type: "slice_by_size",
        inputs,
        attributes: {},
        outputs: [result],
      });
      return { kind: "value", value: result };
    };
    const middle = cut(before, length);
    const sum = { name: scope.name("sum"), type: staticTypeOf((part.x as { value: Value }).value) };
    operations.push({
      type: "add",
      inputs: { x: middle, y: part.x },
      attributes: {},
      outputs: [sum],
    });
    const parts: Argument[] = [
      ...(before > 0 ? [cut(0, before)] : []),
      { kind: "value", value: sum },
      ...(after > 0 ? [cut(before + length, after)] : []),
    ];
    return { operations: [...operations, ...concat(operation, parts, axis, scope)] };
  }
  return undefined;
}

/** A concat with the result of `operation`. */
function concat(
  operation: Operation,
  items: readonly Argument[],
  axis: number,
  scope: RewriteScope,
): Operation[] {
  const along = scope.constant("axis", {
    kind: "literal",
    type: scalar("int32"),
    elements: Int32Array.of(axis),
  });
  const interleave = scope.constant("interleave", {
    kind: "literal",
    type: scalar("bool"),
    elements: [false],
  });
  const inputs: Record<string, Argument> = {
    axis: argumentOf(along),
    interleave: argumentOf(interleave),
    values: { kind: "tuple", items },
  };
  return [along, interleave, { ...operation, type: "concat", inputs }];
}

function integers(name: string, elements: readonly number[], scope: RewriteScope): Operation {
  const type = tensor("int32", [elements.length]);
  return scope.constant(name, { kind: "literal", type, elements: Int32Array.from(elements) });
}

function argumentOf({ outputs: [value] }: Operation): Argument {
  return { kind: "value", value: value! };
}

interface Padding {
  readonly x: Argument;
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  /** Elements of x along the axis. */
  readonly length: number;
}

/** A tensor with zeros on one side along one axis. */
function zeroPadding(argument: Argument | undefined, scope: RewriteScope): Padding | undefined {
  const pad = scope.producer(argument);
  if (pad?.type !== "pad") return undefined;
  const { x, mode, constant_val: filling } = pad.inputs;
  const amounts = numbers(scope, pad.inputs.pad);
  const isConstant = mode === undefined || scope.literal(mode)?.elements[0] === "constant";
  const isZero = filling === undefined || numbers(scope, filling)?.[0] === 0;
  if (x?.kind !== "value" || amounts === undefined || !isConstant || !isZero) return undefined;
  const { shape } = staticTypeOf(x.value);
  const skipped = shape.length - amounts.length / 2;
  const padded = [...shape.keys()].filter(
    (axis) =>
      axis >= skipped &&
      (amounts[2 * (axis - skipped)]! > 0 || amounts[2 * (axis - skipped) + 1]! > 0),
  );
  const [axis] = padded;
  if (axis === undefined || padded.length !== 1) return undefined;
  const at = 2 * (axis - skipped);
  return { x, axis, before: amounts[at]!, after: amounts[at + 1]!, length: shape[axis]! };
}

/** x + (−y) = x − y */
function subtracted(operation: Operation, scope: RewriteScope): Rewrite | undefined {
  const { x, y } = operation.inputs;
  for (const [positive, negative] of [
    [x, y],
    [y, x],
  ]) {
    const magnitude = negated(negative, scope);
    if (magnitude === undefined) continue;
    return { operations: [{ ...operation, type: "sub", inputs: { x: positive!, y: magnitude } }] };
  }
  return undefined;
}

/** (−x)·y = −(x·y) */
function outwards(operation: Operation, scope: RewriteScope): Rewrite {
  const { x, y } = operation.inputs;
  if (negated({ kind: "value", value: operation.outputs[0]! }, scope, operation)) return KEEP;
  for (const [factor, negative] of [
    [x, y],
    [y, x],
  ]) {
    const magnitude = negated(negative, scope);
    if (magnitude?.kind !== "value" || factor === undefined) continue;
    const minus = minusOne(negative!, scope)!;
    const result = operation.outputs[0] as Value;
    const product: Value = { name: scope.name(`${result.name}_magnitude`), type: result.type };
    return {
      operations: [
        { ...operation, attributes: {}, inputs: { x: magnitude, y: factor }, outputs: [product] },
        { ...operation, inputs: { x: { kind: "value", value: product }, y: minus } },
      ],
    };
  }
  return KEEP;
}

/** x, if the argument is x·(−1). */
function negated(
  argument: Argument | undefined,
  scope: RewriteScope,
  operation = scope.producer(argument),
): Argument | undefined {
  if (operation?.type !== "mul") return undefined;
  const { x, y } = operation.inputs;
  for (const [value, factor] of [
    [x, y],
    [y, x],
  ]) {
    if (numbers(scope, factor)?.join() !== "-1" || value?.kind !== "value") continue;
    const isWhole = sameShape(
      staticTypeOf(value.value).shape,
      staticTypeOf(operation.outputs[0]!).shape,
    );
    if (isWhole) return value;
  }
  return undefined;
}

/** The factor −1 of a negation. */
function minusOne(argument: Argument, scope: RewriteScope): Argument | undefined {
  const { x, y } = scope.producer(argument)!.inputs;
  return numbers(scope, y)?.join() === "-1" ? y : x;
}

/** Elements of a constant. */
function numbers(scope: RewriteScope, argument: Argument | undefined): number[] | undefined {
  const literal = scope.literal(argument);
  return literal && Array.from(literal.elements as ArrayLike<unknown>, Number);
}
