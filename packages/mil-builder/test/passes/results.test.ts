/** Every pass, and all of them in order, on random programs: the same outputs, bit by bit in fp16. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeBlob,
  interpret,
  type Operation,
  type Program,
  parse,
  print,
  type TensorType,
  tensorTypeOf,
  verify,
  writeBlobFile,
} from "../../src/index.js";
import { simplifyCasts } from "../../src/passes/casts.js";
import { shareSubexpressions } from "../../src/passes/common-subexpressions.js";
import { foldConstants } from "../../src/passes/constant-folding.js";
import { removeDeadCode } from "../../src/passes/dead-code.js";
import type { Pass } from "../../src/passes/pass.js";
import { runPasses } from "../../src/passes/run-passes.js";
import { simplifyShapes } from "../../src/passes/shapes.js";
import { uniform } from "../kernels/fixtures.js";
import { randomProgram } from "../random-program.js";
import { cleanableProgram } from "./cleanable-program.js";

const PASSES: Readonly<Record<string, Pass>> = {
  foldConstants,
  simplifyCasts,
  simplifyShapes,
  shareSubexpressions,
  removeDeadCode,
  runPasses: (program) => runPasses(program),
};

/** Gives weights of different types different files, so that all of them exist at once. */
function withFiles(program: Program): { program: Program; weights: Map<string, Uint8Array> } {
  const weights = new Map<string, Uint8Array>();
  const place = (operation: Operation): Operation => {
    const { val } = operation.attributes;
    if (val?.kind !== "blob") return operation;
    const { dtype, shape } = val.type;
    const path = `@model_path/${dtype}_${shape.join("_")}.bin`;
    const count = shape.reduce((a, b) => a * b, 1);
    // Signed for floats, small and not negative for integers.
    const data = uniform(count, 1, 5).map((value) =>
      dtype.startsWith("fp") ? value : value > 0 ? 1 : 0,
    );
    weights.set(path, writeBlobFile([encodeBlob(dtype, data)]));
    return { ...operation, attributes: { ...operation.attributes, val: { ...val, path } } };
  };
  const functions = program.functions.map((main) => ({
    ...main,
    operations: main.operations.map(place),
  }));
  return { program: { ...program, functions }, weights };
}

const EXTREMES = [0, -0, 1, -1, 65504, 2 ** -24, Infinity, -Infinity, Number.NaN, 300.7];

function inputFor(type: TensorType, seed: number) {
  const count = type.shape.reduce((a, b) => a * b, 1);
  const isInteger = !type.dtype.startsWith("fp");
  const data = uniform(count, 3, seed).map((value, index) => {
    if (isInteger) return Math.trunc(value * 1000);
    return index % 3 === 0 ? EXTREMES[(index + seed) % EXTREMES.length]! : value;
  });
  return { type, data };
}

function run(program: Program, weights: Map<string, Uint8Array>) {
  const [main] = program.functions;
  const inputs = main!.inputs.map((value, index) => [
    value.name,
    inputFor(tensorTypeOf(value), index),
  ]);
  return interpret(program, Object.fromEntries(inputs), { weights, numerics: "fp16" });
}

const LANGUAGE = [
  ...["duplicate-name", "use-before-definition", "unknown-op", "opset", "op-arguments"],
  "result-type",
];

function checkPass(pass: Pass, original: Program): void {
  const { program, weights } = withFiles(original);
  const passed = pass(program);
  for (const [index, main] of passed.functions.entries()) {
    expect(main.inputs).toEqual(program.functions[index]!.inputs);
    expect(main.outputs).toEqual(program.functions[index]!.outputs);
  }
  expect(verify(passed).filter(({ rule }) => LANGUAGE.includes(rule))).toEqual([]);
  expect(parse(print(passed))).toEqual(passed);
  // toEqual tells -0 from 0 and takes NaN for NaN.
  expect(run(passed, weights)).toEqual(run(program, weights));
  expect(operationCount(pass(passed))).toBe(operationCount(passed));
}

function operationCount({ functions }: Program): number {
  return functions.reduce((total, { operations }) => total + operations.length, 0);
}

describe.each(Object.entries(PASSES))("%s keeps results", (_, pass) => {
  test("of random programs", () => {
    fc.assert(
      fc.property(randomProgram, (program) => checkPass(pass, program)),
      { numRuns: 150 },
    );
  });

  test("of programs that it has much to do in", () => {
    fc.assert(
      fc.property(cleanableProgram, (program) => checkPass(pass, program)),
      { numRuns: 300 },
    );
  });
});

test("runPasses goes on where a round leaves as many ops, but others", () => {
  const program = parse(`program(1.0)
{
    func main<ios15>(tensor<fp16, [1]> x) {
            tensor<int32, [2, 2]> i = const()[val = tensor<int32, [2, 2]>([[0, -1], [300, 70000]])];
            string half = const()[val = string("fp16")];
            tensor<fp16, [2, 2]> middle = cast(dtype = half, x = i);
            tensor<int32, [2]> shape = const()[val = tensor<int32, [2]>([-1, 2])];
            tensor<int32, [2, 2]> other = reshape(shape = shape, x = i);
            string single = const()[val = string("fp32")];
            tensor<fp32, [2, 2]> wide = cast(dtype = single, x = other);
            tensor<fp16, [2, 2]> last = cast(dtype = half, x = wide);
            tensor<fp16, [2, 2]> third = identity(x = middle);
        } -> (last, middle, other, third);
}`);
  checkPass(PASSES.runPasses!, program);
});

test("the random programs give every pass something to do", () => {
  for (const [name, pass] of Object.entries(PASSES)) {
    const samples = fc.sample(cleanableProgram, { numRuns: 100, seed: 7 });
    const changed = samples.filter((program) => pass(program) !== program);
    expect(changed.length, name).toBeGreaterThan(20);
  }
});
