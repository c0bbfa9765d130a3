/**
 * Dead code: ops whose results neither the function returns nor a living op reads are dropped, constants included.
 * Ops that do more than compute their results stay (see `isPure`).
 *
 * Before:
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             fp16 half = const()[val = fp16(0.5)];
 *             tensor<fp16, [1, 4]> scaled = mul(x = x, y = half);
 *             tensor<fp16, [1, 4]> unused = relu(x = scaled);
 *             tensor<fp16, [1, 4]> y = abs(x = x);
 *         } -> (y);
 *
 * After:
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             tensor<fp16, [1, 4]> y = abs(x = x);
 *         } -> (y);
 */
import type { MilFunction, Operation, Program } from "../program.js";
import { isPure, mapFunctions, namesRead } from "./pass.js";

/** Drops ops that nothing depends on. */
export function removeDeadCode(program: Program): Program {
  return mapFunctions(program, removeFromFunction);
}

function removeFromFunction(main: MilFunction): MilFunction {
  const living = new Set(main.outputs.map(({ name }) => name));
  const kept: Operation[] = [];
  for (const operation of main.operations.toReversed()) {
    const { outputs } = operation;
    if (isPure(operation) && !outputs.some(({ name }) => living.has(name))) continue;
    for (const name of namesRead(operation)) living.add(name);
    kept.push(operation);
  }
  return kept.length === main.operations.length ? main : { ...main, operations: kept.reverse() };
}
