/** What a self-test says of one program: right, wrong, refused; with the cpu device under test. */
import { buildProgram, tensor } from "@ane/mil-builder";
import { afterAll, describe, expect, it } from "vitest";
import {
  checkProgram,
  kernelCases,
  openWorkbench,
  type PortValues,
} from "../../src/selftest/index.js";
import { SMALL } from "../support/llama.js";

const bench = openWorkbench("cpu");
afterAll(() => bench[Symbol.dispose]());

const twice = buildProgram({}, (f) => {
  const x = f.input("x", tensor("fp16", [1, 4, 1, 32]));
  return { y: f.mul({ x, y: 2 }) };
});
const checked = { name: "twice", program: twice };

/** The workbench with a reference that differs from the truth in one element. */
function referenceWith(change: (value: number) => number) {
  const reference: typeof bench.reference = (...asked) => {
    const values: PortValues = bench.reference(...asked);
    return { y: values.y!.map((value, i) => (i === 77 ? change(value) : value)) };
  };
  return { ...bench, reference };
}

describe("checkProgram", () => {
  it("times what is right", () => {
    const result = checkProgram(bench, { ...checked, flops: 1e6 });
    expect(result).toMatchObject({ answer: "works", tensors: [{ name: "y", maxDifference: 0 }] });
    expect(result.dispatchMs?.runs).toBe(20);
    expect(result.teraflops).toBeCloseTo(1e6 / result.dispatchMs!.median / 1e9);
  });

  it("allows one unit in the last place of the largest element per rounding", () => {
    const { tolerance } = checkProgram(bench, checked).tensors![0]!;
    expect(
      checkProgram(
        referenceWith((v) => v + 0.9 * tolerance),
        checked,
      ).answer,
    ).toBe("works");
    const wrong = checkProgram(
      referenceWith((v) => v + 1.1 * tolerance),
      checked,
    );
    expect(wrong).toMatchObject({
      answer: "wrong",
      details: expect.stringContaining("y: largest difference"),
    });
    expect(wrong.dispatchMs).toBeUndefined();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("takes %d on one side for wrong", (value) => {
    const result = checkProgram(
      referenceWith(() => value),
      checked,
    );
    expect(result).toMatchObject({ answer: "wrong", tensors: [{ maxDifference: null }] });
  });

  it("reports what the compiler says", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [1, 4, 1, 32]));
      return {
        y: f.conv({ x, weight: f.blob("w", tensor("fp16", [2, 4, 1, 1]), "@model_path/w.bin") }),
      };
    });
    const result = checkProgram(bench, { name: "weightless", program });
    expect(result).toMatchObject({
      answer: "not compiled",
      details: expect.stringContaining("w.bin"),
    });
  });

  it("names the rules that a program breaks", () => {
    const program = buildProgram({}, (f) => ({
      y: f.rsqrt({ x: f.input("x", tensor("fp16", [1, 4, 1, 32])) }),
    }));
    expect(checkProgram(bench, { name: "rsqrt", program }).brokenRules).toContain("rsqrt");
  });
});

describe("kernelCases", () => {
  it.each(kernelCases({ ...SMALL, vocabSize: 96 }))(
    "$id works, tensor by tensor",
    async ({ id, run }) => {
      const result = await run(bench, () => {});
      expect(result).toMatchObject({ answer: "works" });
      if (id === "kernel/fwdFFN")
        expect(result.tensors?.map(({ name }) => name)).toEqual(["y", "h1", "h3", "gate", "xn"]);
    },
  );
});
