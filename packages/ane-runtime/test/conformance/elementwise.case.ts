/** Elementwise ops alone, in chains that fuse, and with broadcast operands. */
import { buildProgram, type FunctionBuilder, type Program, type Value } from "@ane/mil-builder";
import { describe } from "vitest";
import { caseOf, expectReference, type Subject, surfaceType } from "./subject.js";

type Body = (f: FunctionBuilder, x: Value, y: Value) => Value;

const C = 6;
const W = 32;

/** One result per op: they must all be exact, because each is rounded once from the exact value's neighbourhood. */
const EXACT: Readonly<Record<string, Body>> = {
  add: (f, x, y) => f.add({ x, y }),
  sub: (f, x, y) => f.sub({ x, y }),
  mul: (f, x, y) => f.mul({ x, y }),
  real_div: (f, x, y) => f.real_div({ x, y }),
  maximum: (f, x, y) => f.maximum({ x, y }),
  minimum: (f, x, y) => f.minimum({ x, y }),
  abs: (f, x) => f.abs({ x }),
  square: (f, x) => f.square({ x }),
  sqrt: (f, x) => f.sqrt({ x: f.abs({ x }) }),
  relu: (f, x) => f.relu({ x }),
  floor: (f, x) => f.floor({ x }),
  ceil: (f, x) => f.ceil({ x }),
  round: (f, x) => f.round({ x: f.mul({ x, y: 4 }) }),
  sign: (f, x) => f.sign({ x }),
  inverse: (f, x) => f.inverse({ x }),
};

/** fp32 approximations may fall on the other side of a rounding boundary. */
const APPROXIMATE: Readonly<Record<string, Body>> = {
  exp: (f, x) => f.exp({ x }),
  log: (f, x) => f.log({ x: f.add({ x: f.abs({ x }), y: 0.125 }) }),
  rsqrt: (f, x) => f.rsqrt({ x: f.add({ x: f.abs({ x }), y: 0.125 }) }),
  pow: (f, x, y) => f.pow({ x: f.add({ x: f.abs({ x }), y: 0.125 }), y }),
  pow_scalar: (f, x) => f.pow({ x: f.add({ x: f.abs({ x }), y: 0.125 }), y: -0.5 }),
  sigmoid: (f, x) => f.sigmoid({ x }),
  silu: (f, x) => f.silu({ x }),
  tanh: (f, x) => f.tanh({ x }),
  erf: (f, x) => f.erf({ x }),
  sin: (f, x) => f.sin({ x }),
  cos: (f, x) => f.cos({ x }),
  gelu_exact: (f, x) => f.gelu({ x, mode: "EXACT" }),
  gelu_tanh: (f, x) => f.gelu({ x, mode: "TANH_APPROXIMATION" }),
  gelu_sigmoid: (f, x) => f.gelu({ x, mode: "SIGMOID_APPROXIMATION" }),
};

/** Chains in which every intermediate result is rounded on its own. */
const CHAINS: Readonly<Record<string, Body>> = {
  "long chain": (f, x, y) => {
    const scaled = f.mul({ x, y: 0.37 });
    const shifted = f.add({ x: scaled, y });
    const product = f.mul({ x: shifted, y: scaled });
    return f.sub({ x: f.square({ x: product }), y: f.mul({ x: y, y: shifted }) });
  },
  "one value many times": (f, x) => {
    const a = f.mul({ x, y: x });
    const b = f.add({ x: a, y: a });
    return f.add({ x: f.mul({ x: a, y: b }), y: f.sub({ x: b, y: a }) });
  },
  "diamond around a reduction": (f, x, y) => {
    const product = f.mul({ x, y });
    const top = f.reduce_max({ x: product, axes: [1], keep_dims: true });
    return f.mul({ x: f.sub({ x: product, y: top }), y: x });
  },
  "rows and columns": (f, x, y) => {
    const row = f.reduce_max({ x, axes: [1], keep_dims: true });
    const column = f.reduce_max({ x: y, axes: [-1], keep_dims: true });
    return f.add({ x: f.mul({ x: row, y: column }), y: x });
  },
  "constants of every shape": (f, x) => {
    const scalar = f.mul({ x, y: 1.5 });
    const gains = f.constant("gains", { ...x.type, shape: [1, C, 1, 1] }, [1, -2, 3, 0.5, 0, 7]);
    const steps = Array.from({ length: W }, (_, i) => i / 8);
    const bias = f.constant("bias", { ...x.type, shape: [W] }, steps);
    return f.add({ x: f.mul({ x: scalar, y: gains }), y: bias });
  },
};

function programOf(dtype: "fp16" | "fp32", body: Body): Program {
  return buildProgram({}, (f) => {
    const type = surfaceType(dtype, C, W);
    return { out: body(f, f.input("x", type), f.input("y", type)) };
  });
}

export function elementwiseCases(subject: Subject): void {
  describe(`${subject.name}: elementwise`, () => {
    for (const dtype of ["fp16", "fp32"] as const) {
      for (const [name, body] of Object.entries({ ...EXACT, ...CHAINS })) {
        caseOf(subject, `${dtype} ${name} is exact`, () => {
          expectReference(subject, programOf(dtype, body));
        });
      }
      for (const [name, body] of Object.entries(APPROXIMATE)) {
        caseOf(subject, `${dtype} ${name}`, () => {
          expectReference(subject, programOf(dtype, body), { ulps: 1 });
        });
      }
    }
  });
}
