import { describe, expect, test } from "vitest";
import type { Kernel } from "../../src/index.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { CONFIGS } from "./fixtures.js";

// D 48, F 64, H 6, KV 2, h 10, S 32: QD 60, KD 20, H·S 192, all different.
const kernels = llamaKernels(CONFIGS["head dim other than dim / heads"]!);

/** The table in docs/architecture.md, with the channels it gives for this configuration. */
const TABLE: Record<keyof typeof kernels, { inputs: object; outputs: object; weights: object }> = {
  fwdAttn: {
    inputs: { x: 48 },
    outputs: { o: 48, q: 60, k: 20, v: 20, a: 60, xn: 48 },
    weights: {
      norm: [1, 48, 1, 1],
      wq: [60, 48, 1, 1],
      wk: [20, 48, 1, 1],
      wv: [20, 48, 1, 1],
      wo: [48, 60, 1, 1],
    },
  },
  fwdFFN: {
    inputs: { x: 48 },
    outputs: { y: 48, h1: 64, h3: 64, gate: 64, xn: 48 },
    weights: {
      norm: [1, 48, 1, 1],
      w1: [64, 48, 1, 1],
      w2: [48, 64, 1, 1],
      w3: [64, 48, 1, 1],
    },
  },
  ffnBwd: {
    inputs: { dy: 48, h1: 64, h3: 64 },
    outputs: { dx: 48, dh1: 64, dh3: 64 },
    weights: { w1: [48, 64, 1, 1], w2: [64, 48, 1, 1], w3: [48, 64, 1, 1] },
  },
  sdpaBwd1: {
    inputs: { q: 60, k: 20, v: 20, do: 48 },
    outputs: { dv: 20, probs: 192, dp: 192 },
    weights: { wo: [60, 48, 1, 1] },
  },
  sdpaBwd2: {
    inputs: { probs: 192, dp: 192, q: 60, k: 20 },
    outputs: { dq: 60, dk: 20 },
    weights: {},
  },
  qkvBwd: {
    inputs: { dq: 60, dk: 20, dv: 20 },
    outputs: { dx: 48 },
    weights: { wq: [48, 60, 1, 1], wk: [48, 20, 1, 1], wv: [48, 20, 1, 1] },
  },
};

describe.each(Object.entries(kernels))("%s", (name, kernel: Kernel) => {
  const row = TABLE[name as keyof typeof kernels];

  test("has the slots of the kernel table, one after the other", () => {
    expect(kernel.name).toBe(name);
    for (const [slots, table, port] of [
      [kernel.inputs, row.inputs, "x"],
      [kernel.outputs, row.outputs, "out"],
    ] as const) {
      let start = 0;
      expect(Object.keys(slots)).toEqual(Object.keys(table));
      for (const [slot, size] of Object.entries(table)) {
        const shape = [1, size, 1, 32];
        expect(slots[slot]).toEqual({ port, axis: "channel", start, size, shape });
        start += size;
      }
    }
  });

  test("its program has one input and one output, as large as the slots", () => {
    const [main, ...others] = kernel.program.functions;
    expect(others).toEqual([]);
    for (const [values, slots, port] of [
      [main!.inputs, kernel.inputs, "x"],
      [main!.outputs, kernel.outputs, "out"],
    ] as const) {
      const channels = Object.values(slots).reduce((sum, { size }) => sum + size, 0);
      const type = { kind: "tensor", dtype: "fp16", shape: [1, channels, 1, 32] };
      expect(values).toEqual([{ name: port, type }]);
    }
  });

  test("its weights are declared as the program reads them", () => {
    expect(Object.keys(kernel.weights)).toEqual(Object.keys(row.weights));
    for (const [weight, shape] of Object.entries(row.weights)) {
      expect(kernel.weights[weight]).toEqual({
        path: `@model_path/weights/${weight}.bin`,
        shape,
        transposed: name.includes("Bwd"),
      });
    }
  });

  test("every file that the program reads is a weight or a constant", () => {
    const read = kernel.program.functions[0]!.operations.flatMap(({ attributes: { val } }) =>
      val?.kind === "blob" ? [val.path] : [],
    );
    const given = [
      ...Object.values(kernel.weights).map(({ path }) => path),
      ...kernel.constants.keys(),
    ];
    expect(read.toSorted()).toEqual(given.toSorted());
  });
});

test("the same configuration gives the same kernels", () => {
  expect(llamaKernels(CONFIGS["head dim other than dim / heads"]!)).toEqual(kernels);
});

test("opsets before ios18 are written in dialect 1.0", () => {
  const { fwdAttn } = llamaKernels({ ...CONFIGS["one KV head"]!, opset: "ios16" });
  expect(fwdAttn.program.version).toBe("1.0");
  expect(fwdAttn.program.functions[0]!.opset).toBe("ios16");
});

test("with as many KV heads as heads nothing is repeated or summed", () => {
  const repeating = (config: string) =>
    Object.values<Kernel>({ ...llamaKernels(CONFIGS[config]!) }).flatMap(({ name, program }) =>
      program.functions[0]!.operations.some(({ outputs }) => /_groups/.test(outputs[0]!.name))
        ? [name]
        : [],
    );
  expect(repeating("as many KV heads as heads")).toEqual([]);
  expect(repeating("one KV head")).toEqual(["fwdAttn", "sdpaBwd1", "sdpaBwd2"]);
});

test("fp32 kernels are the same ops on fp32 tensors", () => {
  const ops = (kernel: Kernel) =>
    kernel.program.functions[0]!.operations.flatMap(({ type, outputs }) =>
      type === "const" ? [] : [[type, ...outputs.map((value) => value.type)]],
    );
  const single = llamaKernels({ ...CONFIGS["head dim other than dim / heads"]!, dtype: "fp32" });
  for (const name of Object.keys(kernels) as (keyof typeof kernels)[]) {
    const expected = JSON.stringify(ops(kernels[name])).replaceAll("fp16", "fp32");
    expect(JSON.stringify(ops(single[name])), name).toBe(expected);
  }
});
