/** What a conformance suite is run for: a device, and which cases it cannot keep, with the reason. */
import { type Program, staticTypeOf, tensor } from "@ane/mil-builder";
import { expect, it } from "vitest";
import type { Device, WeightFiles } from "../../src/index.js";
import { halfUlp, maxAbs, maxDifference } from "../../src/selftest/numbers.js";
import { randomInputs, runOnDevice, runReference, type Tensors } from "../support/run.js";

export interface Subject {
  readonly name: string;
  /** Rounding of the device, and so of the interpreter that it is compared with. */
  readonly numerics: "fp16" | "fp32";
  /** A device without a compile budget. */
  open(): Device;
  readonly skip?: readonly { readonly reason: string; readonly cases: readonly string[] }[];
}

/** `it`, unless the subject lists the case as one that it cannot keep; the reason is part of the name. */
export function caseOf(subject: Subject, name: string, run: () => void | Promise<void>): void {
  const skipped = subject.skip?.find(({ cases }) => cases.includes(name));
  if (skipped) it.skip(`${name} (${skipped.reason})`, run);
  else it(name, run);
}

export interface Comparison {
  readonly weights?: WeightFiles;
  readonly inputs?: Tensors;
  readonly seed?: number;
  /** Largest difference allowed, in units of the last fp16 place of the largest expected value. Default 0: equal. */
  readonly ulps?: number;
}

/** Relative error that fp32 sums and functions may have where nothing is rounded to fp16. */
const SINGLE_TOLERANCE = 2e-6;

/** Compares a device with the interpreter in the device's numerics. */
export function expectReference(
  subject: Subject,
  program: Program,
  { weights, seed = 1, inputs = randomInputs(program, seed), ulps = 0 }: Comparison = {},
): void {
  using device = subject.open();
  const actual = runOnDevice(device, program, inputs, weights);
  const expected = runReference(program, inputs, subject.numerics, weights);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const limit = toleranceFor(subject, program, name, values, ulps);
    expect(maxDifference(actual[name]!, values), `output ${name}`).toBeLessThanOrEqual(limit);
  }
}

function toleranceFor(
  { numerics }: Subject,
  program: Program,
  output: string,
  expected: ArrayLike<number>,
  ulps: number,
): number {
  const type = staticTypeOf(program.functions[0]!.outputs.find(({ name }) => name === output)!);
  const largest = maxAbs(expected);
  if (type.dtype === "fp16" && numerics === "fp16") return ulps * halfUlp(largest);
  // An fp16 surface rounds once more, and not always to the same side.
  const stored = type.dtype === "fp16" ? halfUlp(largest) : 0;
  return largest * SINGLE_TOLERANCE * Math.max(1, ulps) + stored;
}

/** `tensor<dtype, [1, channels, 1, width]>` */
export function surfaceType(dtype: "fp16" | "fp32", channels: number, width: number) {
  return tensor(dtype, [1, channels, 1, width]);
}
