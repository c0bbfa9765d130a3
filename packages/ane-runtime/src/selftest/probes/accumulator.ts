/** Probe 7: how convolutions and matrix products add up: sums beyond 32768, and products below 2^-17. */
import { type FunctionBuilder, tensor, type Value } from "@ane/mil-builder";
import type { SelftestCase } from "../case.js";
import { messageOf } from "../check-program.js";
import { evaluateOnce } from "../evaluate-once.js";
import { type Probe, probeProgram } from "./probe.js";

const C = 1024;
const OUT = 32;
const S = 32;

interface Sum {
  readonly name: string;
  /** Every element of x. */
  readonly x: number;
  /** Weight of each channel. */
  readonly weight: (channel: number) => number;
  readonly exact: number;
  readonly question: string;
}

const SUMS: readonly Sum[] = [
  {
    name: "below the limit",
    x: 1000,
    weight: (c) => (c < 32 ? 1 : 0),
    exact: 32000,
    question: "Is a sum of 32000 exact?",
  },
  {
    name: "above 32768",
    x: 1000,
    weight: (c) => (c < 40 ? 1 : 0),
    exact: 40000,
    question: "Is a sum of 40000 exact, or infinite?",
  },
  {
    name: "passing 32768",
    x: 1000,
    weight: (c) => (c < 40 ? 1 : c < 60 ? -1 : 0),
    exact: 20000,
    question: "Does a sum that passes 40000 and ends at 20000 come back?",
  },
  {
    name: "tiny products",
    x: 2 ** -9,
    weight: () => 2 ** -9,
    exact: 2 ** -8,
    question: "Do 1024 products of 2^-18 add up, or vanish?",
  },
];

const PRODUCTS: Readonly<
  Record<string, (f: FunctionBuilder, x: Value, weights: number[]) => Value>
> = {
  conv: (f, x, weights) =>
    f.conv({ x, weight: f.constant("w", tensor("fp16", [OUT, C, 1, 1]), weights) }),
  matmul: (f, x, weights) => {
    const w = f.constant("w", tensor("fp16", [1, 1, OUT, C]), weights);
    const columns = f.transpose({ x, perm: [0, 2, 1, 3] });
    const product = f.matmul({ x: w, y: columns, transpose_x: false, transpose_y: false });
    return f.transpose({ x: product, perm: [0, 2, 1, 3] });
  },
};

export const accumulator: Probe = {
  number: 7,
  title: "Range and precision of sums",
  cases: Object.keys(PRODUCTS).flatMap((op) => SUMS.map((sum) => sumCase(op, sum))),
};

function sumCase(op: string, { name, x, weight, exact, question }: Sum): SelftestCase {
  return {
    id: `7/${op}, ${name}`,
    question: `${op}: ${question}`,
    rule: 'numerics "ane" (docs/numerics.md)',
    changes: {
      exact: "the sum is wider than Q15.16 here: relax the model for this chip",
      infinite: "confirms the model's limit of 32768",
      zero: "confirms that the model drops products below 2^-17",
      otherwise: "the model does not explain it: note the value",
      ...(name === "below the limit" ? { exact: "nothing: the control works" } : {}),
    },
    run: (bench) => {
      const program = probeProgram(bench, (f) => {
        const weights = Array.from({ length: OUT * C }, (_, i) => weight(i % C));
        return { y: PRODUCTS[op]!(f, f.input("x", tensor("fp16", [1, C, 1, S])), weights) };
      });
      try {
        using kernel = bench.device.compile(program, new Map(), { name: op });
        const { y } = evaluateOnce(bench.device, kernel, { x: new Float32Array(C * S).fill(x) });
        const value = y![0]!;
        // JSON has no infinity.
        return {
          answer: nameOf(value, exact),
          details: `${exact} expected, got ${value}`,
          observed: { value: String(value) },
        };
      } catch (error) {
        return { answer: "refused", details: messageOf(error) };
      }
    },
  };
}

function nameOf(value: number, exact: number): string {
  if (value === exact) return "exact";
  if (value === 0) return "zero";
  return Number.isFinite(value) ? "inexact" : "infinite";
}
