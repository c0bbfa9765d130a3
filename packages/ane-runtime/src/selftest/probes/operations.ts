/** Probe 6: ops that some projects report as failing and others as working. */
import { type FunctionBuilder, tensor, type Value } from "@ane/mil-builder";
import type { SelftestCase } from "../case.js";
import { checkProgram } from "../check-program.js";
import { type Probe, probeProgram, programCase } from "./probe.js";

const C = 32;
const S = 64;
const HEADS = 2;
const HEAD_DIM = 16;

const input = (f: FunctionBuilder, name = "x", width = S): Value =>
  f.input(name, tensor("fp16", [1, C, 1, width]));

const decides = (op: string) => ({
  works: `drop the rule for this chip: ${op} works`,
  "not compiled": `agreed for this chip: make it an error`,
  wrong: `make it an error for this chip: the results are wrong`,
  otherwise: "make it an error for this chip",
});

const opCase = (
  name: string,
  rule: string,
  body: (f: FunctionBuilder) => { y: Value },
): SelftestCase =>
  programCase(
    { id: `6/${name}`, question: `Does ${name} work?`, rule, changes: decides(name) },
    body,
  );

/** A later evaluation of another program is the question, so this one has three steps. */
const tile: SelftestCase = {
  id: "6/tile",
  question: "Does tile work, and do other programs of the process still run afterwards?",
  rule: "tile",
  changes: {
    ...decides("tile"),
    poisons: "agreed for this chip: make it an error, every later evaluation of the process fails",
  },
  run: (bench) => {
    const other = probeProgram(bench, (f) => ({ y: f.add({ x: input(f), y: 1 }) }));
    const before = checkProgram(bench, { name: "before", program: other });
    const tiled = probeProgram(bench, (f) => ({ y: f.tile({ x: input(f), reps: [1, 2, 1, 1] }) }));
    const result = checkProgram(bench, { name: "tile", program: tiled });
    const after = checkProgram(bench, { name: "after", program: other });
    if (before.answer !== "works")
      return { answer: "undecided", details: `without tile: ${before.details}` };
    if (after.answer !== "works") return { ...result, answer: "poisons", details: after.details };
    return result;
  },
};

function attention(f: FunctionBuilder): { y: Value } {
  const heads = (name: string) => {
    const split = f.reshape({ x: input(f, name), shape: [1, HEADS, HEAD_DIM, S] });
    return f.transpose({ x: split, perm: [0, 1, 3, 2] });
  };
  const mask = Array.from({ length: S * S }, (_, i) => (i % S > Math.floor(i / S) ? -65504 : 0));
  const attended = f.scaled_dot_product_attention({
    query: heads("q"),
    key: heads("k"),
    value: heads("v"),
    attn_mask: f.constant("mask", tensor("fp16", [1, 1, S, S]), mask),
  });
  const back = f.transpose({ x: attended, perm: [0, 1, 3, 2] });
  return { y: f.reshape({ x: back, shape: [1, C, 1, S] }) };
}

export const operations: Probe = {
  number: 6,
  title: "Ops under suspicion",
  cases: [
    tile,
    opCase("conv with computed weights", "conv-weight", (f) => {
      const weight = f.reshape({ x: input(f, "w", C), shape: [C, C, 1, 1] });
      return { y: f.conv({ x: input(f), weight }) };
    }),
    opCase("gelu EXACT", "gelu", (f) => ({ y: f.gelu({ x: input(f), mode: "EXACT" }) })),
    opCase("gelu TANH_APPROXIMATION", "gelu", (f) => ({
      y: f.gelu({ x: input(f), mode: "TANH_APPROXIMATION" }),
    })),
    opCase("reduce_mean", "reduce-mean", (f) => {
      const x = input(f);
      return { y: f.sub({ x, y: f.reduce_mean({ x, axes: [1], keep_dims: true }) }) };
    }),
    opCase("rsqrt", "rsqrt", (f) => {
      const x = input(f);
      return { y: f.rsqrt({ x: f.add({ x: f.mul({ x, y: x }), y: 1 }), epsilon: 0.001 }) };
    }),
    opCase("layer_norm", "layer-norm (no rule yet)", (f) => ({
      y: f.layer_norm({ x: input(f), axes: [1], epsilon: 1e-4 }),
    })),
    programCase(
      {
        id: "6/attention with a mask",
        question: "Does scaled_dot_product_attention heed its mask?",
        rule: "attention-mask",
        changes: {
          works: "drop the rule for this chip: the mask is heeded",
          wrong: "keep the rule: the mask is ignored",
          otherwise: "keep the rule",
        },
      },
      attention,
      "ios18",
    ),
  ],
};
