/** What programs are lowered to: our kernels copy nothing, chains are one pass, plans are shared. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  buildProgram,
  type FunctionBuilder,
  ffnBwd,
  fwdAttn,
  type Kernel,
  kernelFlops,
  type LlamaKernelConfig,
  llamaKernels,
  print,
  tensor,
  type Value,
  writeBlobFile,
} from "@ane/mil-builder";
import { describe, expect, it } from "vitest";
import { type CompileMessage, describePlan, openDevice } from "../src/index.js";
import { GROUPED, randomWeights, SMALL, STORIES_110M } from "./support/llama.js";

function planOf(
  channels: number,
  body: (f: FunctionBuilder, x: Value) => Record<string, Value>,
): string {
  const program = buildProgram({}, (f) =>
    body(f, f.input("x", tensor("fp16", [1, channels, 1, 32]))),
  );
  return describePlan(program);
}

/** Kinds of the steps of every evaluation. */
function kinds(plan: string): string[] {
  return [...plan.matchAll(/^ {2}\d+ (\w+)/gm)].map(([, kind]) => kind!);
}

/** Kinds of the steps inside loops. */
function body(plan: string): string[] {
  return [...plan.matchAll(/^ {6}(\w+)/gm)].map(([, kind]) => kind!);
}

describe("the six kernels", () => {
  const configs = { small: SMALL, "grouped queries": GROUPED, "110M": STORIES_110M };
  for (const [size, config] of Object.entries<LlamaKernelConfig>(configs)) {
    for (const [name, kernel] of Object.entries<Kernel>({ ...llamaKernels(config) })) {
      it(`${name}, ${size}: no copies, nothing interpreted`, () => {
        const plan = describePlan(kernel.program);
        expect(plan).toContain(" 0 copies,");
        expect(kinds(plan)).not.toContain("copy");
        expect(kinds(plan)).not.toContain("reference");
      });
    }
  }

  it("a plan counts the arithmetic of its products", () => {
    const kernel = ffnBwd(STORIES_110M);
    const plan = describePlan(kernel.program);
    const products = [...plan.matchAll(/^ {2}\d+ gemm .*\| ([\d.]+) MFLOP$/gm)];
    const megaflops = products.reduce((sum, [, count]) => sum + Number(count), 0);
    expect(products.length).toBe(3);
    expect(megaflops).toBeCloseTo(kernelFlops(kernel) / 1e6, 2);
  });

  it("fwdAttn is the expected sequence of steps", () => {
    const plan = describePlan(fwdAttn(SMALL).program);
    expect(kinds(plan)).toEqual([
      "elementwise", // x·s, squared
      "reduce",
      "elementwise", // to the inverse root mean square
      "elementwise", // xn
      "gemm", // q
      "gemm", // k
      "gemm", // v
      "loop",
      "gemm", // o
    ]);
    expect(body(plan)).toEqual([
      "elementwise", // q after RoPE
      "elementwise", // k after RoPE
      "gemm", // scores
      "elementwise", // scale and mask
      "softmax",
      "gemm", // a
    ]);
    expect(plan).toMatch(/loop 3 × \|/);
  });

  it("query heads that share keys are two loops", () => {
    expect(describePlan(fwdAttn(GROUPED).program)).toMatch(/loop 2 × 3 × \|/);
  });
});

describe("causal masks", () => {
  const kernel = fwdAttn({ ...SMALL, seqLen: 128 });
  const visible = (plan: string) => [...plan.matchAll(/, visible part/g)].length;

  it("steps keep to what a mask leaves visible, if its elements are known", () => {
    using device = openDevice("cpu", { compileBudget: 0 });
    expect(visible(describePlan(kernel.program))).toBe(0);
    const compiled = device.compile(kernel.program, randomWeights(kernel, "fp16", 1));
    expect(visible(describePlan(compiled))).toBe(4);
  });

  it("kernels of one program with different masks have different plans", () => {
    using device = openDevice("cpu", { compileBudget: 0 });
    const path = "@model_path/weights/causal_mask.bin";
    const causal = randomWeights(kernel, "fp16", 1);
    expect(causal.has(path)).toBe(true);
    const open = new Map(causal).set(
      path,
      writeBlobFile([{ dtype: "fp16", data: new Uint16Array(128 * 128) }]),
    );
    const plans = [causal, open, causal, open].map((weights) =>
      visible(describePlan(device.compile(kernel.program, weights))),
    );
    expect(plans).toEqual([4, 0, 4, 0]);
  });
});

describe("fusion", () => {
  it("a chain is one pass, with what others read as a further output", () => {
    const plan = planOf(8, (f, x) => {
      const gate = f.mul({ x: f.sigmoid({ x }), y: x }, "gate");
      const twice = f.mul({ x: gate, y: 2 }, "twice");
      const top = f.reduce_max({ x: gate, axes: [1], keep_dims: true }, "top");
      return { twice, top };
    });
    expect(kinds(plan)).toEqual(["elementwise", "reduce"]);
    expect(plan).toMatch(
      /elementwise gate, twice: x \[1, 8, 1, 32\] -> s0 .*, twice .*\| sigmoid mul mul/,
    );
  });

  it("ops around a reduction of their own result are two passes", () => {
    const plan = planOf(8, (f, x) => {
      const square = f.mul({ x, y: x });
      const sum = f.reduce_sum({ x: square, axes: [1], keep_dims: true });
      return { out: f.sub({ x: square, y: sum }) };
    });
    expect(kinds(plan)).toEqual(["elementwise", "reduce", "elementwise"]);
  });

  it("small operands are not computed again for every element", () => {
    const plan = planOf(8, (f, x) => {
      const top = f.reduce_max({ x, axes: [1], keep_dims: true });
      const scale = f.rsqrt({ x: f.add({ x: f.abs({ x: top }), y: 1 }) });
      return { out: f.mul({ x, y: scale }) };
    });
    expect(plan).toMatch(/elementwise .*\| abs add rsqrt over \[32\]/);
    expect(kinds(plan)).toEqual(["reduce", "elementwise", "elementwise"]);
  });
});

describe("places", () => {
  it("operands of a concat are written to their channels of the surface", () => {
    const plan = planOf(8, (f, x) => {
      const a = f.mul({ x, y: 2 }, "a");
      const b = f.softmax({ x: a, axis: 1 }, "b");
      return { out: f.concat({ values: [b, a], axis: 1 }) };
    });
    expect(kinds(plan)).toEqual(["elementwise", "softmax"]);
    expect(plan).toContain("elementwise a: x [1, 8, 1, 32] -> out+256 [1, 8, 1, 32]");
    expect(plan).toContain("softmax b: out+256 [1, 8, 1, 32] -> out [1, 8, 1, 32]");
    expect(plan).toContain("0.0 KiB scratch");
  });

  it("an input in a concat is the only thing that is copied", () => {
    const plan = planOf(8, (f, x) => ({
      out: f.concat({ values: [f.mul({ x, y: 2 }), x], axis: 1 }),
    }));
    expect(kinds(plan)).toEqual(["elementwise", "copy"]);
  });

  it("in numerics fp32 a value that is read again is not rounded by its place in an fp16 surface", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [1, 8, 1, 32]));
      const a = f.softmax({ x, axis: 1 }, "a");
      const b = f.softmax({ x: a, axis: 1 }, "b");
      return { out: f.concat({ values: [a, b], axis: 1 }) };
    });
    expect(kinds(describePlan(program, { numerics: "fp32" }))).toEqual([
      "softmax",
      "softmax",
      "copy",
    ]);
    expect(kinds(describePlan(program, { numerics: "fp16" }))).toEqual(["softmax", "softmax"]);
  });

  it("scratch memory is shared by what does not live at the same time", () => {
    const plan = planOf(64, (f, x) => {
      let value = x;
      for (let i = 0; i < 6; i++) value = f.softmax({ x: value, axis: 1 });
      return { out: value };
    });
    expect(plan).toContain("8.0 KiB scratch");
  });

  it("what depends on constants alone is computed when a kernel is compiled", () => {
    const plan = planOf(8, (f, x) => {
      const a = f.constant("a", tensor("fp16", [1, 8, 1, 1]), [1, 2, 3, 4, 5, 6, 7, 8]);
      return { out: f.mul({ x, y: f.square({ x: f.add({ x: a, y: 1 }) }) }) };
    });
    expect(kinds(plan)).toEqual(["elementwise"]);
    expect(plan).toMatch(/at compile time:\n {2}- elementwise .*add square/);
  });
});

describe("compilation", () => {
  it("72 kernels are 6 plans", () => {
    const messages: CompileMessage[] = [];
    const listen = (message: unknown) => messages.push(message as CompileMessage);
    subscribe("ane:compile", listen);
    using device = openDevice("cpu", { compileBudget: 0 });
    const kernels = Object.values<Kernel>({ ...llamaKernels(SMALL) });
    for (let layer = 0; layer < 12; layer++) {
      for (const { program, constants, ...kernel } of kernels) {
        // Equal text is enough: it need not be the same object.
        const source = layer === 5 ? { ...program } : layer === 7 ? print(program) : program;
        const weights = randomWeights({ ...kernel, program, constants }, "fp16", layer);
        device.compile(source, weights);
      }
    }
    unsubscribe("ane:compile", listen);
    expect(messages.length).toBe(72);
    expect(messages.filter(({ shared }) => !shared).length).toBe(6);
  });

  it("a kernel describes its plan; equal programs have equal plans", () => {
    using device = openDevice("cpu", { compileBudget: 0 });
    const kernel = ffnBwd(SMALL);
    const compiled = device.compile(kernel.program, randomWeights(kernel, "fp16", 1));
    expect(describePlan(compiled)).toBe(describePlan(kernel.program));
    expect(describePlan(print(kernel.program))).toBe(describePlan(kernel.program));
  });
});
