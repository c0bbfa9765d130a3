/** Layers too wide for one surface: as many backward kernels as the rules demand, and the same gradients. */
import { describe, expect, test } from "vitest";
import { deriveTraining, type LayerDefinition, project } from "../../../src/autodiff/index.js";
import { verify } from "../../../src/index.js";
import { relativeError, uniform } from "../../kernels/fixtures.js";
import { runTraining } from "./run-training.js";

const S = 32;
/** Of which two and a bit more fit into the 16384 channels that libane reports as the limit. */
const WIDE = 8192;
const D = 4;

/** A gated layer whose backward reads and returns two wide tensors each. */
const wide = {
  name: "wide",
  inputs: { x: D },
  parameters: {
    up: { shape: [WIDE, D] },
    gate: { shape: [WIDE, D] },
    down: { shape: [D, WIDE] },
  },
  forward(f, { x }, { up, gate, down }) {
    const open = f.sigmoid({ x: project(f, x!, gate!, "gate_product") }, "open");
    const mixed = f.mul({ x: project(f, x!, up!, "up_product"), y: open }, "mixed");
    return { y: project(f, mixed, down!, "y") };
  },
} satisfies LayerDefinition;

const options = { seqLen: S, pipeline: "static", dtype: "fp32" } as const;

describe("a layer of 8192 channels within", () => {
  const kernels = deriveTraining(wide, options);
  const programs = [kernels.forward, ...kernels.backward].map(({ program }) => program);

  test("has several backward kernels, none of which has too wide a surface", () => {
    expect(kernels.backward.length).toBeGreaterThan(1);
    for (const { program } of kernels.backward) {
      const rules = verify(program).map(({ rule }) => rule);
      expect(rules).not.toContain("channels");
      const [main] = program.functions;
      for (const { type } of [...main!.inputs, ...main!.outputs]) {
        expect(type.kind === "tensor" && type.shape[1]!).toBeLessThanOrEqual(16384);
      }
    }
  });

  test("whose transfers come from kernels that have run", () => {
    const between = kernels.transfers.filter(({ from }) => from.kernel !== "forward");
    expect(between.length).toBeGreaterThan(0);
    for (const { from, to } of kernels.transfers) {
      expect(to.kernel).not.toBe("forward");
      if (from.kernel !== "forward") expect(from.kernel).toBeLessThan(to.kernel as number);
    }
  });

  test("and the gradients of one kernel", () => {
    const whole = deriveTraining(wide, { ...options, cutAfter: [] });
    expect(whole.backward).toHaveLength(1);
    const values = {
      inputs: { x: uniform(D * S, 1, 1) },
      parameters: {
        up: uniform(WIDE * D, 0.5, 2),
        gate: uniform(WIDE * D, 0.5, 3),
        down: uniform(WIDE * D, 0.05, 4),
      },
      seeds: { y: uniform(D * S, 1, 5) },
    };
    const [a, b] = [whole, kernels].map((each) => runTraining(each, values));
    expect(relativeError(b!.gradients.x!, a!.gradients.x!)).toBeLessThan(1e-6);
    for (const [name, gradient] of Object.entries(a!.parameterGradients)) {
      expect(relativeError(b!.parameterGradients[name]!, gradient), name).toBeLessThan(1e-6);
    }
    expect(programs.length).toBe(kernels.backward.length + 1);
  });
});
