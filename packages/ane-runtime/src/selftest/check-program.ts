/** Compiles a program, runs it on random inputs, compares what it gives with the reference, and times it. */
import { type Program, type Slot, staticTypeOf, verify } from "@ane/mil-builder";
import type { CompiledKernel, WeightFiles } from "../device.js";
import { AneError } from "../errors.js";
import type { CaseResult, TensorComparison } from "./case.js";
import { bindInputs, type PortValues, readOutputs } from "./evaluate-once.js";
import { freshProgram } from "./fresh-program.js";
import { halfUlp, maxAbs, maxDifference, normalHalves } from "./numbers.js";
import { roundingDepth } from "./rounding-depth.js";
import { timeRuns } from "./timing.js";
import type { Workbench } from "./workbench.js";

export interface CheckedProgram {
  readonly name: string;
  readonly program: Program;
  readonly weights?: WeightFiles;
  /** Tensors inside the outputs, compared one by one; without them the outputs as they are. */
  readonly outputs?: Readonly<Record<string, Slot>>;
  /** Floating-point operations of one evaluation. */
  readonly flops?: number;
}

const SEED = 5;

export function checkProgram(bench: Workbench, checked: CheckedProgram): CaseResult {
  const { name, weights = new Map(), flops } = checked;
  const program = freshProgram(checked.program);
  const brokenRules = [...new Set(verify(program, bench.target).map(({ rule }) => rule))];
  const inputs = randomInputs(program);
  const start = performance.now();
  let kernel: CompiledKernel;
  try {
    kernel = bench.device.compile(program, weights, { name });
  } catch (error) {
    return { answer: "not compiled", details: messageOf(error), brokenRules };
  }
  const compileMs = performance.now() - start;
  const compiled = { brokenRules, compileMs };
  const surfaces = bindInputs(bench.device, kernel, inputs);
  try {
    kernel.evaluate(surfaces);
  } catch (error) {
    return { answer: "not evaluated", details: messageOf(error), ...compiled };
  }
  const actual = readOutputs(kernel, surfaces);
  const expected = bench.reference(program, weights, inputs);
  const tensors = compare(checked, actual, expected);
  const wrong = tensors.filter(({ maxDifference: d, tolerance }) => d === null || d > tolerance);
  const measured = { ...compiled, tensors, observed: { roundings: roundingDepth(program) } };
  if (wrong.length > 0)
    return { answer: "wrong", details: wrong.map(sentence).join("; "), ...measured };
  const dispatchMs = timeRuns(() => kernel.evaluate(surfaces));
  const teraflops = flops === undefined ? {} : { teraflops: flops / dispatchMs.median / 1e9 };
  return {
    answer: "works",
    details: sentence(worst(tensors)),
    ...measured,
    dispatchMs,
    ...teraflops,
  };
}

/** Errors of the device are answers; others are defects of this package. */
export function messageOf(error: unknown): string {
  if (error instanceof AneError) return error.message;
  throw error;
}

export function randomInputs(program: Program): PortValues {
  return Object.fromEntries(
    program.functions[0]!.inputs.map((input, index) => {
      const count = staticTypeOf(input).shape.reduce((product, size) => product * size, 1);
      return [input.name, normalHalves(count, SEED + index)];
    }),
  );
}

function compare(
  { program, outputs }: CheckedProgram,
  actual: PortValues,
  expected: PortValues,
): TensorComparison[] {
  const depth = roundingDepth(program);
  const tensors = outputs
    ? Object.entries(outputs).map(([name, slot]) => [name, slot.port, slot] as const)
    : Object.keys(expected).map((port) => [port, port, undefined] as const);
  return tensors.map(([name, port, slot]) => {
    const width = staticTypeOf(program.functions[0]!.outputs.find((o) => o.name === port)!)
      .shape[3]!;
    const wanted = inSlot(expected[port]!, width, slot);
    const difference = maxDifference(inSlot(actual[port]!, width, slot), wanted);
    const largest = maxAbs(wanted);
    return {
      name,
      largest,
      maxDifference: Number.isFinite(difference) ? difference : null,
      tolerance: depth * halfUlp(largest),
    };
  });
}

/** The slot's part of packed [C, width] elements. */
function inSlot(values: Float32Array, width: number, slot: Slot | undefined): Float32Array {
  if (!slot) return values;
  const { axis, start, size } = slot;
  if (axis === "channel") return values.subarray(start * width, (start + size) * width);
  return values.filter((_, i) => i % width >= start && i % width < start + size);
}

function worst(tensors: readonly TensorComparison[]): TensorComparison {
  const share = ({ maxDifference: d, tolerance }: TensorComparison) => (d ?? 0) / tolerance;
  return tensors.reduce((a, b) => (share(b) > share(a) ? b : a));
}

function sentence({ name, maxDifference: d, tolerance, largest }: TensorComparison): string {
  const difference = d === null ? "NaN or infinity on one side only" : d.toPrecision(3);
  return `${name}: largest difference ${difference}, tolerance ${tolerance.toPrecision(3)}, largest element ${largest.toPrecision(3)}`;
}
