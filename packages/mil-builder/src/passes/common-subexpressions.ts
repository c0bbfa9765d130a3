/**
 * Common subexpressions: of pure ops with equal arguments the first serves all. Equal constants are one, too, also references
 * to the same blob; constants of more than 1024 elements are not compared. An op whose result the function returns keeps
 * computing it.
 *
 * Before:
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             fp16 half = const()[val = fp16(0.5)];
 *             fp16 same = const()[val = fp16(0.5)];
 *             tensor<fp16, [1, 4]> a = mul(x = x, y = half);
 *             tensor<fp16, [1, 4]> b = mul(x = x, y = same);
 *             tensor<fp16, [1, 4]> y = sub(x = a, y = b);
 *         } -> (y);
 *
 * After:
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             fp16 half = const()[val = fp16(0.5)];
 *             tensor<fp16, [1, 4]> a = mul(x = x, y = half);
 *             tensor<fp16, [1, 4]> y = sub(x = a, y = a);
 *         } -> (y);
 */
import { literalKey } from "../literal.js";
import type { AnyValue, Argument, Attributes, Operation, Program } from "../program.js";
import { formatShape, formatType } from "../tensor-type.js";
import { isPure, mapFunctions } from "./pass.js";
import { KEEP, rewriteFunction } from "./rewrite.js";

/** Elements of a literal that is compared with others. */
const MAX_COMPARED = 1024;

/** Computes what is computed several times only once. */
export function shareSubexpressions(program: Program): Program {
  return mapFunctions(program, (main) => {
    const known = new Map<string, readonly AnyValue[]>();
    return rewriteFunction(main, (operation) => {
      if (!isPure(operation) || hasLargeLiteral(operation)) return KEEP;
      const key = operationKey(operation);
      const values = known.get(key);
      if (values !== undefined) return { values };
      known.set(key, operation.outputs);
      return KEEP;
    });
  });
}

/** Their keys would be longer than the sharing is worth. */
function hasLargeLiteral({ inputs, attributes }: Operation): boolean {
  return [...Object.values<Argument>(inputs), ...Object.values(attributes)].some(isLarge);
}

function isLarge(argument: Argument): boolean {
  switch (argument.kind) {
    case "literal":
      return argument.elements.length > MAX_COMPARED;
    case "tuple":
    case "sequence":
      return argument.items.some(isLarge);
    case "dictionary":
      return argument.entries.flat().some(isLarge);
    default:
      return false;
  }
}

/** A key that two ops share exactly if they compute the same in the same way; their names do not count. */
function operationKey({ type, opset, inputs, attributes, outputs }: Operation): string {
  const { name: _, ...parameters } = attributes;
  const results = outputs.map((value) => formatType(value.type)).join();
  return `${type}<${opset ?? ""}>(${recordKey(inputs)})[${recordKey(parameters)}]${results}`;
}

function recordKey(record: Operation["inputs"] | Attributes): string {
  return Object.entries<Argument>(record)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, argument]) => `${name}=${argumentKey(argument)}`)
    .join();
}

function argumentKey(argument: Argument): string {
  const list = (items: readonly Argument[]) => items.map(argumentKey).join();
  switch (argument.kind) {
    case "value":
      return argument.value.name;
    case "tuple":
      return `(${list(argument.items)})`;
    case "literal":
      return `${literalKey(argument)}${formatShape(argument.shape ?? [])}`;
    case "blob": {
      const { type, path, offset } = argument;
      return `${formatType(type)}${JSON.stringify(path)}@${offset}`;
    }
    case "sequence":
      return `${formatType(argument.type)}(${list(argument.items)})`;
    case "dictionary":
      return `${formatType(argument.type)}{${list(argument.entries.flat())}}`;
  }
}
