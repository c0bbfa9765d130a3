/**
 * Programs written by another project: text, inputs, weights and every intermediate value (fp16 storage, fp32 inside ops).
 * Each must parse, type-check, survive printing in both dialects, and compute what it computed there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  type DType,
  interpret,
  parse,
  print,
  type TensorSource,
  tensor,
  toHalfArray,
  writeBlobFile,
} from "../src/index.js";
import { externalData } from "./fixtures.js";

interface GoldenTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | "inf" | "-inf" | "nan")[];
}

type Golden = Readonly<Record<string, GoldenTensor>>;

const directory = externalData("mil", "programs");
const names =
  directory === undefined
    ? []
    : readdirSync(directory).flatMap((file) => (file.endsWith(".mil") ? [file.slice(0, -4)] : []));

describe.skipIf(directory === undefined)("programs of another project", () => {
  it("are all there", () => {
    expect(names).toHaveLength(21);
  });

  describe.each(names)("%s", (name) => {
    const text = readFileSync(join(directory!, `${name}.mil`), "utf8");
    const golden: Golden = JSON.parse(
      gunzipSync(readFileSync(join(directory!, `${name}.golden.json.gz`))).toString("utf8"),
    );
    const program = parse(text);

    it("survives printing in both dialects", () => {
      for (const dialect of ["1.0", "1.3"] as const) {
        const printed = print(program, { dialect });
        expect(parse(printed)).toEqual({ ...program, version: dialect });
        expect(print(parse(printed))).toBe(printed);
      }
    });

    it("computes every intermediate value", () => {
      const results = interpret(program, inputsOf(golden), {
        weights: weightsOf(golden),
        numerics: "fp16",
        keep: "all",
      });
      const compared = Object.keys(golden).filter((key) => !key.includes(":"));
      expect(compared.length).toBeGreaterThan(0);
      let elements = 0;
      let unequal = 0;
      for (const key of compared) {
        const { shape, dtype, data } = golden[key]!;
        const { type, data: actual } = results[key]!;
        const expected = data.map(Number);
        expect(type, key).toEqual(tensor(dtype, shape));
        expect(largestDifference(actual, expected), key).toBeLessThanOrEqual(2e-3);
        elements += expected.length;
        unequal += expected.filter((value, index) => value !== actual[index]).length;
      }
      // Sums in fp32 there, in float64 here: now and then one of the two ends on the other side of a tie.
      expect(unequal / elements).toBeLessThan(2e-3);
    });
  });
});

function inputsOf(golden: Golden): Record<string, TensorSource> {
  const entries = Object.entries(golden).filter(([key]) => key.startsWith("input:"));
  return Object.fromEntries(
    entries.map(([key, { dtype, shape, data }]) => [
      key.slice("input:".length),
      { type: tensor(dtype, shape), data: data.map(Number) },
    ]),
  );
}

/** `blob:<path>@<offset>`: every file of these programs has one blob, at offset 64. */
function weightsOf(golden: Golden): ReadonlyMap<string, Uint8Array> {
  const entries = Object.entries(golden).filter(([key]) => key.startsWith("blob:"));
  return new Map(
    entries.map(([key, { dtype, data }]) => {
      const [path, offset] = key.slice("blob:".length).split(/@(?=\d+$)/);
      expect(offset).toBe("64");
      return [path!, writeBlobFile([{ dtype, data: toHalfArray(data.map(Number)) }])];
    }),
  );
}

/** Largest difference, relative to the largest magnitude expected. */
function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  let scale = 0;
  let largest = 0;
  expected.forEach((value, index) => {
    scale = Math.max(scale, Math.abs(value));
    if (value !== actual[index]) largest = Math.max(largest, Math.abs(value - actual[index]!));
  });
  return largest === 0 ? 0 : largest / scale;
}
