/** What is left out because of a causal mask changes no bit, and is not left out where it would. */
import { fwdAttn, type Kernel, sdpaBwd1, writeBlobFile } from "@ane/mil-builder";
import { describe, expect, it } from "vitest";
import { visibleColumns } from "../../src/cpu/visible-columns.js";
import { openDevice, type WeightFiles } from "../../src/index.js";
import { randomWeights, SMALL } from "../support/llama.js";
import { evaluate, randomInputs, runReference, type Tensors } from "../support/run.js";

const config = { ...SMALL, seqLen: 128 };
const MASK = "@model_path/weights/causal_mask.bin";

/** The kernel compiled with its mask, and with one that is the same but for an element that makes it look of no use. */
function bothWays(kernel: Kernel, inputs: Tensors, numerics: "fp16" | "fp32"): Tensors[] {
  const weights = randomWeights(kernel, "fp16", 3);
  const S = config.seqLen;
  const mask = new Uint16Array(S * S);
  for (let row = 0; row < S; row++) mask.fill(0xfbff, row * S + row + 1, (row + 1) * S);
  // The last column of the first row: not masked as deep as the others, yet far below every score.
  mask[S - 1] = 0xe000; // -512
  const useless: WeightFiles = new Map(weights).set(
    MASK,
    writeBlobFile([{ dtype: "fp16", data: mask }]),
  );
  using device = openDevice("cpu", { compileBudget: 0, numerics });
  return [weights, useless].map((files) =>
    evaluate(device, device.compile(kernel.program, files), inputs),
  );
}

describe("causal stairs", () => {
  const kernels: Record<string, Kernel> = { fwdAttn: fwdAttn(config), sdpaBwd1: sdpaBwd1(config) };
  for (const [name, kernel] of Object.entries(kernels)) {
    for (const numerics of ["fp16", "fp32"] as const) {
      it(`${name}, ${numerics}: the same bits as without`, () => {
        const [limited, full] = bothWays(kernel, randomInputs(kernel.program, 8), numerics);
        expect(limited).toEqual(full);
      });
    }
  }

  it("an infinite value reaches every row that the full product reaches", () => {
    const kernel = kernels.sdpaBwd1!;
    const inputs = randomInputs(kernel.program, 9);
    const x = Float64Array.from(inputs.x!);
    // The last position of a channel of v: only the last query sees it, but 0·∞ is NaN everywhere.
    x[(2 * 48 + 5) * config.seqLen + config.seqLen - 1] = Number.POSITIVE_INFINITY;
    const [limited, full] = bothWays(kernel, { x }, "fp16");
    expect(limited).toEqual(full);
  });

  it("scores as large as the mask are not cut off", () => {
    const kernel = kernels.sdpaBwd1!;
    const inputs = randomInputs(kernel.program, 10);
    const x = Float64Array.from(inputs.x!, (value, i) =>
      i < 96 * config.seqLen ? 150 * value : value,
    );
    const weights = randomWeights(kernel, "fp16", 3);
    using device = openDevice("cpu", { compileBudget: 0 });
    const actual = evaluate(device, device.compile(kernel.program, weights), { x });
    const expected = runReference(kernel.program, { x }, "fp16", weights);
    const isNaNAt = (values: ArrayLike<number>) => Array.from(values, Number.isNaN);
    expect(isNaNAt(actual.out!)).toEqual(isNaNAt(expected.out!));
  });
});

describe("visible columns of a mask", () => {
  const causal = (rows: number, columns: number, open = 0, masked = -65504) =>
    Float32Array.from({ length: rows * columns }, (_, i) =>
      (i % columns) - (columns - rows) > Math.floor(i / columns) ? masked : open,
    );

  it("end after the last open one, rounded up", () => {
    const visible = visibleColumns(causal(96, 128), 96, 128)!;
    expect(visible.limits[0]).toBe(64);
    expect(visible.limits[31]).toBe(64);
    expect(visible.limits[32]).toBe(96);
    expect(visible.limits[95]).toBe(128);
    expect(visible.depth).toBe(65504);
  });

  it("are not known for masks that hide little, nothing, or not everything behind", () => {
    expect(visibleColumns(causal(32, 32), 32, 32)).toBeUndefined();
    expect(visibleColumns(new Float32Array(128 * 128), 128, 128)).toBeUndefined();
    expect(visibleColumns(causal(128, 128, 0, -100), 128, 128)).toBeUndefined();
    expect(visibleColumns(causal(128, 128, -1), 128, 128)).toBeUndefined();
  });
});
