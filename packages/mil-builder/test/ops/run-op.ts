/** Runs one op (or a few) on small tensors through builder and interpreter. */
import { expect } from "vitest";
import {
  buildProgram,
  type DType,
  type FunctionBuilder,
  interpret,
  type Opset,
  ShapeError,
  type TensorSource,
  tensor,
  type Value,
} from "../../src/index.js";

export function given(
  dtype: DType,
  shape: readonly number[],
  data: readonly number[],
): TensorSource {
  return { type: tensor(dtype, shape), data };
}

/** Elements 0, 1, 2, ... */
export function counting(dtype: DType, shape: readonly number[]): TensorSource {
  const count = shape.reduce((product, dim) => product * dim, 1);
  return given(dtype, shape, [...Array(count).keys()]);
}

export interface Outcome {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Results of `body` in unrounded float64, one per returned value. */
export function run<Name extends string>(
  inputs: Readonly<Record<Name, TensorSource>>,
  body: (f: FunctionBuilder, values: Readonly<Record<Name, Value>>) => Value | readonly Value[],
  opset: Opset = "ios18",
): readonly Outcome[] {
  const program = buildProgram({ opset }, (f) => {
    const names = Object.keys(inputs) as Name[];
    const values = names.map((name) => [name, f.input(name, inputs[name].type)] as const);
    const results = body(f, Object.fromEntries(values) as Record<Name, Value>);
    return "name" in results ? [results] : results;
  });
  const outputs = interpret(program, inputs, { numerics: "float64" });
  return program.functions[0]!.outputs.map(({ name }) => {
    const { type, data } = outputs[name]!;
    return { dtype: type.dtype, shape: type.shape, data: [...data] };
  });
}

/** The result of an op that has one. */
export function runOne<Name extends string>(
  inputs: Readonly<Record<Name, TensorSource>>,
  body: (f: FunctionBuilder, values: Readonly<Record<Name, Value>>) => Value,
  opset?: Opset,
): Outcome {
  return run(inputs, body, opset)[0]!;
}

/** Expects equal elements to so many digits after the point. */
export function expectClose(
  actual: readonly number[],
  expected: readonly number[],
  digits: number,
): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) {
    expect(actual[index]).toBeCloseTo(value, digits);
  }
}

/** Expects `body` to break a rule whose text matches, in the author's own call. */
export function expectShapeError(
  types: Readonly<Record<string, TensorSource>>,
  body: (f: FunctionBuilder, values: Readonly<Record<string, Value>>) => unknown,
  rule: RegExp,
  opset: Opset = "ios18",
): void {
  let thrown: unknown;
  buildProgram({ opset }, (f) => {
    const names = Object.entries(types);
    const values = Object.fromEntries(names.map(([name, { type }]) => [name, f.input(name, type)]));
    try {
      body(f, values);
    } catch (error) {
      thrown = error;
    }
    return [f.constant("unused", tensor("fp16", [1]), 1)];
  });
  expect(thrown).toBeInstanceOf(ShapeError);
  expect((thrown as ShapeError).message).toMatch(rule);
}
