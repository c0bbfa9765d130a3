/** Probe 3: whether concat is accepted, with and without `interleave`, against several outputs. */
import { type FunctionBuilder, tensor, type Value } from "@ane/mil-builder";
import { type Probe, programCase } from "./probe.js";

const parts = (f: FunctionBuilder, count: number): Value[] => {
  const x = f.input("x", tensor("fp16", [1, 32, 1, 32]));
  return Array.from({ length: count }, (_, i) => f.mul({ x, y: i + 2 }));
};

const KEEP = "keep the rule as it is";

export const concat: Probe = {
  number: 3,
  title: "Concat, with and without interleave, and several outputs instead",
  cases: [
    programCase(
      {
        id: "3/concat of two, interleave given",
        question: "Is concat with interleave = false accepted?",
        rule: "concat-interleave",
        changes: {
          works: "concat as such is accepted: the rule may only ask for interleave",
          "not compiled":
            "concat is rejected on this chip: use several outputs, and make it an error",
          otherwise: "wrong results: make it an error for this chip",
        },
      },
      (f) => ({ y: f.concat({ values: parts(f, 2), axis: 1, interleave: false }) }),
    ),
    programCase(
      {
        id: "3/concat of two, no interleave",
        question: "Is concat accepted without interleave?",
        rule: "concat-interleave",
        changes: {
          works: "drop the rule for this chip",
          "not compiled": "agreed for this chip: make it an error",
          otherwise: KEEP,
        },
      },
      (f) => ({ y: f.concat({ values: parts(f, 2), axis: 1 }) }),
    ),
    programCase(
      {
        id: "3/concat of six",
        question: "Is a concat of six values accepted?",
        rule: "concat-interleave",
        changes: {
          works: "no limit below six",
          otherwise: "note the number of values as the limit",
        },
      },
      (f) => ({ y: f.concat({ values: parts(f, 6), axis: 1, interleave: false }) }),
    ),
    programCase(
      {
        id: "3/two outputs instead",
        question: "Do two outputs of one size work in place of concat?",
        rule: "surface-sizes",
        changes: {
          works: "several outputs are an alternative to concat",
          otherwise: "several outputs fail whatever their sizes",
        },
      },
      (f) => {
        const [a, b] = parts(f, 2);
        return { a: a!, b: b! };
      },
    ),
  ],
};
