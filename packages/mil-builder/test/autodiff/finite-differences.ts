/**
 * Checks of gradients: what `grad` derives, interpreted in float64, against differences of the forward program. Every floating
 * point input counts, constants as well, at random points unless data is given.
 */
import { expect } from "vitest";
import { grad, jointGraph, type Rules } from "../../src/autodiff/index.js";
import {
  buildProgram,
  type DType,
  type FunctionBuilder,
  interpret,
  type Numerics,
  type Opset,
  type Program,
  type TensorSource,
  tensor,
  type Value,
} from "../../src/index.js";

/** One input of a checked function. */
export interface TestInput {
  readonly shape: readonly number[];
  /** Default fp32, so that constants are exact enough; other than floats are not differentiated. */
  readonly dtype?: DType;
  /** Elements. Default: random multiples of 2^-10 between `low` and `high`. */
  readonly data?: readonly number[];
  /** Default -2 and 2. */
  readonly low?: number;
  readonly high?: number;
  /** No two elements are closer than this: keeps differences away from kinks between elements. */
  readonly apart?: number;
  /** A const of the program in place of an input. */
  readonly constant?: boolean;
  /** Not differentiated. */
  readonly fixed?: boolean;
}

export interface CheckOptions {
  readonly opset?: Opset;
  /** Of the random points and cotangents. Default 1. */
  readonly seed?: number;
  /** Largest error relative to the largest element of the gradient (or 1). Default 1e-6. */
  readonly tolerance?: number;
  /** Default 2^-11. */
  readonly step?: number;
  readonly rules?: Rules;
  /** Points where differences of two steps disagree are left out: kinks are near. Default false. */
  readonly kinks?: boolean;
}

type Build<Name extends string> = (
  f: FunctionBuilder,
  values: Readonly<Record<Name, Value>>,
) => Value | readonly Value[];

/** Numbers from 0 to 1, the same for the same seed (xorshift32). */
export function randomNumbers(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** @throws if a derived gradient differs from the differences. */
export function checkGradients<Name extends string>(
  build: Build<Name>,
  inputs: Readonly<Record<Name, TestInput>>,
  options: CheckOptions = {},
): void {
  const { opset = "ios18", seed = 1 } = options;
  const random = randomNumbers(seed);
  const names = Object.keys(inputs) as Name[];
  const points = Object.fromEntries(
    names.map((name) => [name, pointOf(inputs[name], random)]),
  ) as Points<Name>;
  checkProgramGradients(
    programOf(build, inputs, points, opset),
    computedOnly(points, inputs),
    names.filter((name) => isDifferentiated(inputs[name])),
    {
      ...options,
      constants: points,
      withConstants: (moved) =>
        programOf(build, inputs, { ...points, ...moved } as Points<Name>, opset),
    },
  );
}

type Points<Name extends string> = Readonly<Record<Name, TensorSource>>;

/** How a program is checked whose constants count, too: by building it again with others. */
interface ProgramCheckOptions extends CheckOptions {
  readonly constants?: Readonly<Record<string, TensorSource>>;
  readonly withConstants?: (moved: Readonly<Record<string, TensorSource>>) => Program;
}

/** The same for a program, with respect to some of its values. @throws if a gradient differs */
export function checkProgramGradients(
  program: Program,
  inputs: Readonly<Record<string, TensorSource>>,
  wrt: readonly string[],
  options: ProgramCheckOptions = {},
): void {
  const { tolerance = 1e-6, step = 2 ** -11, seed = 1, rules } = options;
  const random = randomNumbers(seed + 1);
  const { outputs } = program.functions[0]!;
  const joint = jointGraph(program, {
    seeds: Object.fromEntries(outputs.map(({ name }) => [name, `seed_${name}`])),
    wrt,
    ...(rules === undefined ? {} : { rules }),
  });
  const gradients = [...joint.gradientOf].map(([name, value]) => [`d_${name}`, value] as const);
  const kept = ["kept", joint.find(outputs[0]!.name) as Value] as const;
  const backward = joint.finish(Object.fromEntries([...gradients, kept]));
  const cotangents = outputs.map(({ name, type }) => {
    const source = pointOf({ shape: (type as TensorSource["type"]).shape }, random);
    return [`seed_${name}`, { ...source, type: type as TensorSource["type"] }] as const;
  });
  const derived = interpret(backward, { ...inputs, ...Object.fromEntries(cotangents) }, FLOAT64);

  const loss = (moved: string, source: TensorSource): number => {
    const isInput = Object.hasOwn(inputs, moved);
    const shifted = isInput ? program : options.withConstants!({ [moved]: source });
    const results = interpret(shifted, isInput ? { ...inputs, [moved]: source } : inputs, FLOAT64);
    let sum = 0;
    for (const [index, { name }] of outputs.entries()) {
      const weights = cotangents[index]![1].data;
      results[name]!.data.forEach((element, i) => {
        sum += element * weights[i]!;
      });
    }
    return sum;
  };
  for (const name of wrt) {
    const { type, data } = inputs[name] ?? options.constants![name]!;
    const gradient = derived[`d_${name}`];
    if (gradient !== undefined) expect(gradient.type, `type of d_${name}`).toEqual(type);
    const scale = Math.max(1, ...(gradient?.data ?? []).map(Math.abs));
    for (const index of chosen(data.length, random)) {
      const at = (h: number) => {
        const moved = Float64Array.from(data);
        moved[index] = moved[index]! + h;
        return loss(name, { type, data: moved });
      };
      const difference = derivative(at, step);
      if (
        options.kinks &&
        Math.abs(derivative(at, step / 4) - difference) > (tolerance * scale) / 4
      ) {
        continue;
      }
      const error = Math.abs((gradient?.data[index] ?? 0) - difference) / scale;
      const text = `d_${name}[${index}] = ${gradient?.data[index] ?? 0}, differences give ${difference}`;
      expect(error, text).toBeLessThan(tolerance);
    }
  }
}

/** Gradients of the sum of all results, by input; in float64 unless other numerics are asked for. */
export function gradientsAt<Name extends string>(
  build: Build<Name>,
  inputs: Readonly<Record<Name, TestInput>>,
  options: Pick<CheckOptions, "opset" | "rules"> & { readonly numerics?: Numerics } = {},
): Record<string, readonly number[]> {
  const { opset = "ios18", numerics = "float64", ...rest } = options;
  const random = randomNumbers(1);
  const names = Object.keys(inputs) as Name[];
  const points = Object.fromEntries(
    names.map((name) => [name, pointOf(inputs[name], random)]),
  ) as Points<Name>;
  const wrt = names.filter((name) => isDifferentiated(inputs[name]));
  const program = programOf(
    (f, values) => {
      const results = build(f, values);
      const sums = ("name" in results ? [results] : results).map((x) => f.reduce_sum({ x }));
      return sums.reduce((x, y) => f.add({ x, y }));
    },
    inputs,
    points,
    opset,
  );
  const backward = grad(program, { of: "result_0", wrt, ...rest });
  const derived = interpret(backward, computedOnly(points, inputs), { numerics });
  return Object.fromEntries(
    // + 0: a negative zero is a zero.
    wrt.map((name) => [name, Array.from(derived[`d_${name}`]!.data, (element) => element + 0)]),
  );
}

const FLOAT64 = { numerics: "float64" } as const;

/** f'(0), with an error of the fourth order. */
function derivative(f: (h: number) => number, h: number): number {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/** All indices of a small tensor, some of a large one. */
function chosen(count: number, random: () => number): readonly number[] {
  const all = [...Array(count).keys()];
  return count <= 24 ? all : Array.from({ length: 24 }, () => Math.floor(random() * count));
}

function isDifferentiated({ dtype = "fp32", fixed = false }: TestInput): boolean {
  return !fixed && (dtype === "fp32" || dtype === "fp16");
}

function pointOf(input: TestInput, random: () => number): TensorSource {
  const { shape, dtype = "fp32", low = -2, high = 2, apart = 0 } = input;
  const count = shape.reduce((product, dim) => product * dim, 1);
  const data: number[] = [...(input.data ?? [])];
  for (let attempts = 0; data.length < count; attempts++) {
    const next = Math.round((low + (high - low) * random()) * 1024) / 1024;
    const isNear = apart > 0 && data.some((other) => Math.abs(other - next) < apart);
    if (!isNear || attempts > 100 * count) data.push(next);
  }
  return { type: tensor(dtype, shape), data };
}

function computedOnly<Name extends string>(
  points: Points<Name>,
  inputs: Readonly<Record<Name, TestInput>>,
): Record<string, TensorSource> {
  const entries = Object.entries<TensorSource>(points);
  return Object.fromEntries(entries.filter(([name]) => !inputs[name as Name].constant));
}

function programOf<Name extends string>(
  build: Build<Name>,
  inputs: Readonly<Record<Name, TestInput>>,
  points: Points<Name>,
  opset: Opset,
): Program {
  return buildProgram({ opset }, (f) => {
    const values = {} as Record<Name, Value>;
    for (const name of Object.keys(inputs) as Name[]) {
      const { type, data } = points[name];
      const isFlag = type.dtype === "bool";
      values[name] = inputs[name].constant
        ? f.constant(name, type, isFlag ? Array.from(data, Boolean) : Array.from(data))
        : f.input(name, type);
    }
    const results = build(f, values);
    const list = "name" in results ? [results] : results;
    return Object.fromEntries(list.map((value, index) => [`result_${index}`, value]));
  });
}
