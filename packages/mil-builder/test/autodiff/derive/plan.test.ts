/** What is saved and what is computed again: by price, as asked, and as refused. */
import { describe, expect, test } from "vitest";
import {
  type DerivedLlamaOptions,
  DeriveError,
  type DeriveOptions,
  derivedLlama,
  deriveTraining,
  type LayerDefinition,
  project,
} from "../../../src/autodiff/index.js";
import { verify } from "../../../src/index.js";
import { layerWeights, relativeError, SMALL, uniform } from "../../kernels/fixtures.js";
import { runTraining } from "./run-training.js";

const STORIES110M = {
  dim: 768,
  hiddenDim: 2048,
  heads: 12,
  kvHeads: 12,
  headDim: 64,
  seqLen: 256,
  normEps: 1e-5,
  ropeTheta: 10000,
};

function saved(
  options: DerivedLlamaOptions,
  half: "attention" | "ffn",
  pipeline = "static" as const,
) {
  const { plan } = derivedLlama(STORIES110M, pipeline, options)[half];
  return plan.saved.map(({ name }) => name).sort();
}

describe("by price, for Stories110M", () => {
  test.each(["static", "dynamic"] as const)(
    "%s: products are saved, probabilities are not",
    (pipeline) => {
      const { attention, ffn } = derivedLlama(STORIES110M, pipeline);
      expect(ffn.plan.saved.map(({ name }) => name).sort()).toEqual(["h1", "h3"]);
      expect(attention.plan.saved.map(({ name }) => name).sort()).toEqual([
        "k_joined",
        "q_joined",
        "v",
      ]);
      expect(attention.plan.recomputed.some((name) => name.startsWith("probs"))).toBe(true);
      for (const { savedMs } of [...attention.plan.saved, ...ffn.plan.saved]) {
        expect(savedMs).toBeGreaterThan(0);
      }
      expect([attention.backward.length, ffn.backward.length]).toEqual([1, 1]);
    },
  );

  test("where arithmetic is dear, everything that it takes is saved", () => {
    const costs = { convFlops: 1e9, matmulFlops: 1e9, elements: 1e6 };
    expect(saved({ attention: { costs } }, "attention")).toContain("probs");
  });

  test("where moving is dear, products are computed again", () => {
    const costs = { portBytes: 1e8, copyBytes: 1e8 };
    expect(saved({ ffn: { costs } }, "ffn")).toEqual(["xn"]);
  });
});

describe("as asked", () => {
  const { dim: D, seqLen: S } = SMALL;
  const parameters = { ...layerWeights(SMALL) };
  const values = (output: string) => ({
    inputs: { x: uniform(D * S, 1.5, 1) },
    parameters,
    seeds: { [output]: uniform(D * S, 1, 2) },
  });
  const expectSame = (half: "attention" | "ffn", options: Partial<DeriveOptions>) => {
    const single = { ...SMALL, dtype: "fp32" } as const;
    const usual = derivedLlama(single, "static")[half];
    const other = derivedLlama(single, "static", { [half]: options })[half];
    const output = half === "ffn" ? "y" : "o";
    const [a, b] = [usual, other].map((kernels) => runTraining(kernels, values(output)));
    expect(relativeError(b!.gradients.xn!, a!.gradients.xn!)).toBeLessThan(1e-6);
    for (const [name, gradient] of Object.entries(a!.parameterGradients)) {
      expect(relativeError(b!.parameterGradients[name]!, gradient), name).toBeLessThan(1e-6);
    }
    return other;
  };

  test("probabilities are saved", () => {
    const { plan, forward } = expectSame("attention", { save: ["probs"] });
    const { heads: H } = SMALL;
    expect(plan.saved.find(({ name }) => name === "probs")?.savedMs).toBeNaN();
    expect(forward.outputs.probs?.shape).toEqual([1, H * S, 1, S]);
    expect(plan.recomputed).not.toContain("probs");
  });

  test("a value that is only a view of another", () => {
    const { plan } = expectSame("attention", { save: ["q", "k"] });
    expect(plan.saved.filter(({ savedMs }) => Number.isNaN(savedMs))).toHaveLength(2);
  });

  test("a product is computed again", () => {
    const { plan, backward } = expectSame("ffn", { recompute: ["h1"] });
    expect(plan.saved.map(({ name }) => name)).not.toContain("h1");
    expect(plan.recomputed).toContain("h1");
    // The matrix as it is, and its transpose.
    expect(Object.keys(backward[0]!.weights)).toEqual(expect.arrayContaining(["w1", "w1_t"]));
  });

  test("three kernels in place of one, cut where they were by hand", () => {
    const cutAfter = [
      ["v", "probs"],
      ["q_projected", "k_projected"],
    ];
    const { seeds } = expectSame("attention", { cutAfter });
    expect(seeds.o).toContainEqual({ kernel: 0, side: "input", slot: "d_o" });
    const { backward, transfers } = derivedLlama(STORIES110M, "static", {
      attention: { cutAfter },
    }).attention;
    expect(backward.map(({ name }) => name)).toEqual(["attnBwd1", "attnBwd2", "attnBwd3"]);
    expect(backward.map(({ weights }) => Object.keys(weights).sort())).toEqual([
      ["wo_t"],
      [],
      ["wk_t", "wq_t", "wv_t"],
    ]);
    const between = transfers.filter(({ from }) => from.kernel !== "forward");
    expect(between.map(({ from, to }) => [from.kernel, to.kernel, to.slot])).toEqual([
      [0, 1, "d_probs"],
      [0, 2, "d_v"],
      [1, 2, "d_k_projected"],
      [1, 2, "d_q_projected"],
    ]);
  });

  test("a cut behind which it would cost less to compute the gradient again", () => {
    const gates = {
      name: "gates",
      inputs: { x: 8 },
      parameters: { w: { shape: [8, 8] }, gate: { shape: [8, 8] } },
      forward(f, { x }, { w, gate }) {
        const open = f.sigmoid({ x: project(f, x!, gate!, "gate_product") }, "open");
        return { y: f.mul({ x: f.tanh({ x: project(f, x!, w!, "product") }, "value"), y: open }) };
      },
    } satisfies LayerDefinition;
    const options = { seqLen: 32, pipeline: "static", dtype: "fp32" } as const;
    const given = {
      inputs: { x: uniform(8 * 32, 1, 1) },
      parameters: { w: uniform(64, 1, 2), gate: uniform(64, 1, 3) },
      seeds: { y: uniform(8 * 32, 1, 4) },
    };
    const [whole, cut] = [[], [["value"]]].map((cutAfter) =>
      deriveTraining(gates, { ...options, cutAfter }),
    );
    expect(cut!.backward).toHaveLength(2);
    expect(cut!.transfers.map(({ to }) => to.slot)).toContain("d_value");
    const [a, b] = [whole!, cut!].map((kernels) => runTraining(kernels, given));
    expect(relativeError(b!.gradients.x!, a!.gradients.x!)).toBeLessThan(1e-6);
  });

  test("weight gradients on the device", () => {
    const { backward, weightGradients } = expectSame("ffn", { dw: "device" });
    expect(backward.map(({ name }) => name)).toEqual(["ffnBwd", "ffnDw32", "ffnDw64"]);
    expect(new Set(weightGradients.map(({ kind }) => kind))).toEqual(new Set(["elements"]));
    for (const { program } of backward) {
      expect(verify(program).filter(({ rule }) => rule !== "fp16-arithmetic")).toEqual([]);
    }
  });
});

describe("as refused", () => {
  const definition = {
    name: "small",
    inputs: { x: 4 },
    parameters: { w: { shape: [4, 4] } },
    forward: (f, { x }, { w }) => ({ y: project(f, x!, w!, "product") }),
  } satisfies LayerDefinition;
  const derive = (change: Partial<LayerDefinition>, options: Partial<DeriveOptions> = {}) =>
    deriveTraining({ ...definition, ...change } as LayerDefinition, {
      seqLen: 32,
      pipeline: "static",
      ...options,
    });

  test("a sequence that fills no whole lines", () => {
    expect(() => derive({}, { seqLen: 40 })).toThrow(
      "deriveTraining: small: seqLen is a multiple of 32, got 40. Use 64: an fp16 row of a surface fills whole 64-byte lines.",
    );
  });
  test("a parameter that nothing reads", () => {
    const parameters = { w: { shape: [4, 4] }, idle: { shape: [4] } };
    expect(() => derive({ parameters })).toThrow(
      /got none of "idle": no output depends on it. Use it/,
    );
    expect(() => derive({ parameters }, { frozen: ["idle"] })).not.toThrow();
  });
  test("a name that no value has", () => {
    expect(() => derive({}, { save: ["hidden"] })).toThrow(/got "hidden". Give the op/);
    expect(() => derive({}, { frozen: ["hidden"] })).toThrow(/which are w, got "hidden"/);
  });
  test("a value that is both saved and computed again", () => {
    const both = { save: ["product"], recompute: ["product"] };
    expect(() => derive({}, both)).toThrow(/got "product" in both/);
  });
  test("a cut that leaves a kernel nothing to do", () => {
    expect(() => derive({}, { cutAfter: [["y"]] })).toThrow(
      /every backward kernel has something to compute, .* kernel 0 has nothing/,
    );
  });
  test.each(["x", "y", "d_x", "seed_y", "rows_d_w"])("a parameter named %s", (name) => {
    const parameters = { w: { shape: [4, 4] }, [name]: { shape: [4] } };
    for (const pipeline of ["static", "dynamic"] as const) {
      const forward: LayerDefinition["forward"] = (f, { x }, w) => ({
        y: f.add({ x: project(f, x!, w.w!, "product"), y: w[name]! }),
      });
      expect(() => derive({ parameters, forward }, { pipeline })).toThrow(
        /have names of their own, got|names are unique, got "x" again/,
      );
    }
  });
  test("ports of their own for weights that come with the input", () => {
    expect(() => derive({}, { packing: "ports", pipeline: "dynamic" })).toThrow(
      /have constant weights, got the dynamic pipeline. Use packing "surface"/,
    );
  });
  test("a convolution kernel that comes with the input", () => {
    const parameters = { w: { shape: [4, 4, 1, 3] } };
    expect(() => derive({ parameters }, { pipeline: "dynamic" })).toThrow(
      /vectors and matrices, got "w" of \[4,4,1,3\]. Make it several matrices/,
    );
  });
  test("an op that the chip has not, naming it", () => {
    const forward: LayerDefinition["forward"] = (f, { x }, { w }) => ({
      y: f.cosh({ x: project(f, x!, w!, "product") }, "curve"),
    });
    let error: unknown;
    try {
      derive({ forward }, { chip: "m4" });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(DeriveError);
    expect((error as DeriveError).code).toBe("device");
    expect((error as DeriveError).message).toMatch(/sinh.*, got sinh/);
    expect((error as DeriveError).diagnostics[0]?.rule).toBe("unsupported-op");
  });
});

describe("derived kernels keep every rule that the hand-written ones keep", () => {
  const machines = ["m3", "m4", "m5"] as const;
  test.each(["static", "dynamic"] as const)("%s", (pipeline) => {
    const halves = Object.values({ ...derivedLlama(STORIES110M, pipeline) });
    for (const { forward, backward } of halves) {
      for (const { program } of [forward, ...backward]) {
        for (const chip of machines) expect(verify(program, { chip })).toEqual([]);
      }
    }
  });
  test.each(["static", "dynamic"] as const)("%s, in opset ios16 on the first chips", (pipeline) => {
    const old = { ...STORIES110M, opset: "ios16" } as const;
    const halves = Object.values({ ...derivedLlama(old, pipeline) });
    for (const { forward, backward } of halves) {
      for (const { program } of [forward, ...backward]) {
        for (const chip of ["m1", "m2"] as const) expect(verify(program, { chip })).toEqual([]);
      }
    }
  });
});
