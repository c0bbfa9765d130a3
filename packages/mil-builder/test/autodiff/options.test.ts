/** Options that a caller in JavaScript gets wrong: each is refused by its name, with what it may be, before anything is derived. */
import { describe, expect, it } from "vitest";
import {
  DeriveError,
  derivedLlama,
  deriveTraining,
  GradientError,
  grad,
  jointGraph,
  type LayerDefinition,
  project,
} from "../../src/autodiff/index.js";
import { buildProgram, tensor } from "../../src/index.js";
import { SMALL } from "../kernels/fixtures.js";
import { errorOf } from "./error-of.js";

/** Values that types would refuse. */
type Loose = Record<string, unknown>;

const program = buildProgram({}, (f) => {
  const sin = f.sin({ x: f.input("x", tensor("fp32", [2])) }, "s");
  return { loss: f.reduce_sum({ x: sin }) };
});
const ofGrad = (options: Loose) =>
  grad(program, { of: "loss", wrt: ["x"], ...options } as Parameters<typeof grad>[1]);
const ofJoint = (options: Loose) =>
  jointGraph(program, { seeds: {}, wrt: [], ...options } as Parameters<typeof jointGraph>[1]);

const layer = {
  name: "small",
  inputs: { x: 32 },
  parameters: { w: { shape: [32, 32] } },
  forward: (f, { x }, { w }) => ({ y: project(f, x!, w!, "product") }),
} satisfies LayerDefinition;
const ofDerive = (options: Loose, change: Loose = {}) =>
  deriveTraining({ ...layer, ...change } as LayerDefinition, {
    ...({ seqLen: 32, pipeline: "static", ...options } as Parameters<typeof deriveTraining>[1]),
  });

const STRAIGHT = "a function, { zero: reason } or { refused: reason, advice }";

describe("grad", () => {
  it.each<[Loose, string]>([
    [{ of: undefined }, '"of" must be a text that is not empty, got none. Correct it.'],
    [{ of: 3 }, '"of" must be a text that is not empty, got 3. Correct it.'],
    [
      { of: "lost" },
      '"lost": a value of function "main" is meant, got none of that name. Name one of "x", "loss", "s".',
    ],
    [{ wrt: "x" }, '"wrt" must be a list of names, got "x". Correct it.'],
    [{ wrt: ["x", 1] }, '"wrt" must be a list of names, got ["x", 1]. Correct it.'],
    [
      { wrt: ["z"] },
      '"z": a value of function "main" is meant, got none of that name. Name one of "x", "loss", "s".',
    ],
    [{ function: "side" }, 'the program has the functions main, got "side". Name one of them.'],
    [{ seed: "" }, '"seed" must be a text that is not empty, got "". Correct it.'],
    [{ keepOutputs: "no" }, '"keepOutputs" must be true or false, got "no". Correct it.'],
    [{ prefix: "" }, '"prefix" must be a text that is not empty, got "". Correct it.'],
    [
      { keepOutput: true },
      'known names are of, wrt, function, seed, rules, keepOutputs, prefix, got "keepOutput". Correct it.',
    ],
    [{ rules: [] }, '"rules" must be an object with a rule for each op type, got []. Correct it.'],
    [{ rules: { sin: "cos" } }, `the rule of "sin" must be ${STRAIGHT}, got "cos". Correct it.`],
    [
      { rules: { sin: { refused: "too steep" } } },
      `the rule of "sin" must be ${STRAIGHT}, got an object. Correct it.`,
    ],
    [
      { rules: { sine: () => ({}) } },
      'rules must be of ops, got one of "sine", which neither MIL nor function "main" has. Correct its name; the function has sin, reduce_sum.',
    ],
  ])("%o", (options, message) => {
    const error = errorOf(() => ofGrad(options));
    expect(error).toBeInstanceOf(GradientError);
    expect(error.message).toBe(`grad: ${message}`);
  });

  it.each<[string, (value: unknown) => unknown, string]>([
    ["nothing", () => undefined, "got none."],
    ["a number", () => ({ x: 2 }), 'got 2 for "x".'],
    ["a list with a hole", () => ({ x: [null] }), 'got null for "x".'],
  ])("a rule that returns %s", (_, rule, actual) => {
    const error = errorOf(() => ofGrad({ rules: { sin: rule } }));
    expect(error.message).toBe(
      `grad: op "sin" (value "s"): its rule must return values or undefined by argument name, ${actual} Correct the rule.`,
    );
  });

  it("a rule that fails", () => {
    const error = errorOf(() =>
      ofGrad({
        rules: {
          sin: ({ fn }: { fn: () => void }) => fn(),
        },
      }),
    );
    expect(error).toBeInstanceOf(GradientError);
    expect(error.message).toMatch(
      /^grad: op "sin" \(value "s"\): its rule must give gradients, got an error: TypeError: fn is not/,
    );
    expect(error.cause).toBeInstanceOf(TypeError);
  });
});

it.each<[Loose, RegExp]>([
  [{ seeds: ["loss"] }, /"seeds" must be an object with a text or null/],
  [{ seeds: { loss: 1 } }, /"seeds" must be an object with a text or null/],
  [{ seeds: { lost: null } }, /"lost": a value of function "main"/],
  [{ wrt: null }, /"wrt" must be a list of names, got null/],
  [{ seed: "dy" }, /known names are seeds, wrt, function, rules, got "seed"/],
])("jointGraph: %o", (options, message) => {
  expect(() => ofJoint(options)).toThrow(message);
});

describe("deriveTraining", () => {
  it.each<[Loose, string]>([
    [{ seqLen: "32" }, '"seqLen" must be a number, got "32".'],
    [{ seqLen: Number.NaN }, '"seqLen" must be a number, got NaN.'],
    [{ seqLen: -1 }, "seqLen is a multiple of 32, got -1. Use 32:"],
    [{ pipeline: undefined }, '"pipeline" must be "static" or "dynamic", got none.'],
    [{ pipeline: "Static" }, '"pipeline" must be "static" or "dynamic", got "Static".'],
    [{ dtype: "bf16" }, '"dtype" must be "fp16" or "fp32", got "bf16".'],
    [
      { opset: "ios14" },
      '"opset" must be "ios15" or "ios16" or "ios17" or "ios18" or "ios26", got "ios14".',
    ],
    [{ chip: "m6" }, '"chip" must be "m1" or "m2" or "m3" or "m4" or "m5", got "m6".'],
    [{ chip: "M1" }, '"chip" must be "m1" or "m2" or "m3" or "m4" or "m5", got "M1".'],
    [{ packing: "port" }, '"packing" must be "surface" or "ports", got "port".'],
    [{ dw: true }, '"dw" must be "cpu" or "device", got true.'],
    [{ gradients: "x" }, '"gradients" must be a list of names, got "x".'],
    [{ gradients: ["z"] }, 'Name one of "x", "y".'],
    [{ frozen: {} }, '"frozen" must be a list of names, got an object.'],
    [{ frozen: ["z"] }, '"frozen" names parameters, which are w, got "z".'],
    [{ save: "product" }, '"save" must be a list of names, got "product".'],
    [
      { save: ["z"] },
      '"save" and "recompute" name values of the forward pass, which are y, got "z".',
    ],
    [{ recompute: [1] }, '"recompute" must be a list of names, got [1].'],
    [{ cutAfter: ["product"] }, '"cutAfter" must be a list of lists of names, got ["product"].'],
    [{ cutAfter: [["z"]] }, 'Name one of "x", "y".'],
    [{ costs: 1 }, '"costs" must be an object with prices, got 1.'],
    [{ costs: { dispatch: 1 } }, "known names are dispatchMs, convFlops, matmulFlops, "],
    [{ costs: { dispatchMs: -1 } }, '"dispatchMs" must be a finite number of at least 0, got -1.'],
    [{ costs: { portBytes: 0 } }, '"portBytes" must be a finite number greater than 0, got 0.'],
    [{ rules: { conv: null } }, `the rule of "conv" must be ${STRAIGHT}, got null.`],
    [{ weights: "static" }, "known names are seqLen, pipeline, dtype, opset, chip, packing,"],
  ])("%o", (options, message) => {
    const error = errorOf(() => ofDerive(options));
    expect([DeriveError, GradientError]).toContain(error.constructor);
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^(deriveTraining: small: |grad: layer "small", )/);
  });

  it.each<[Loose, string]>([
    [{ name: "" }, 'layer: "name" must be a text that is not empty, got "".'],
    [{ inputs: undefined }, 'small: "inputs" must be an object, got none.'],
    [{ inputs: { x: 1.5 } }, 'small: "x" must be a count of channels, got 1.5.'],
    [
      { parameters: { w: [4, 4] } },
      'small: "w" must be { shape } of positive integers, got [4, 4].',
    ],
    [
      { parameters: { w: { shape: [] } } },
      'small: "w" must be { shape } of positive integers, got an object.',
    ],
    [{ constants: { t: 1 } }, 'small: "t" must be what constantBlob returns, got 1.'],
    [{ forward: undefined }, 'small: "forward" must be a function, got none.'],
    [{ forward: () => undefined }, "small: forward must return its results by name, got none."],
    [{ forward: () => ({}) }, "small: forward must return its results by name, got an object."],
    [
      { residual: true },
      'small: known names are name, inputs, parameters, constants, forward, got "residual".',
    ],
  ])("of a layer with %o", (change, message) => {
    const error = errorOf(() => ofDerive({}, change));
    expect(error).toBeInstanceOf(DeriveError);
    expect(error.message).toContain(`deriveTraining: ${message}`);
  });
});

it("derivedLlama", () => {
  const derive = (options: Loose) => () => derivedLlama(SMALL, "static", options);
  expect(derive({ attn: {} })).toThrow('derivedLlama: known names are attention, ffn, got "attn"');
  expect(derive({ ffn: { chip: "m9" } })).toThrow(/ffn: "chip" must be .*, got "m9"/);
});
