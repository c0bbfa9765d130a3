// RMSNorm inside a kernel by the size of its input: as the kernels here write it, written naively, and summed by a matmul.
import { buildProgram, interpret, tensor } from "@ane/mil-builder";

const D = 288;
const S = 32;
const TYPE = tensor("fp16", [1, D, 1, S]);
const EPS = 1e-5;

/** Σx² over the channels of x [1, D, 1, S], by an op of the elementwise engine. */
const byReduction = (f, x) => f.reduce_sum({ x: f.mul({ x, y: x }), axes: [1], keep_dims: true });

/** The same as 1·x² in the multiply-accumulate unit. */
function byConvolution(f, x) {
  const ones = f.constant("ones", tensor("fp16", [1, D, 1, 1]), new Array(D).fill(1));
  return f.conv({ x: f.mul({ x, y: x }), weight: ones });
}

function norm(sumOfSquares, s) {
  return buildProgram({}, (f) => {
    const x = f.input("x", TYPE);
    const sum = sumOfSquares(f, s === 1 ? x : f.mul({ x, y: s }));
    const mean = f.add({ x: f.mul({ x: sum, y: 1 / (D * s * s) }), y: EPS });
    return { xn: f.mul({ x, y: f.pow({ x: mean, y: -0.5 }) }) };
  });
}

const VARIANTS = [
  ["naive, fp16", norm(byReduction, 1), "fp16", 0],
  ["naive, ane", norm(byReduction, 1), "ane", 0],
  ["summed by conv, ane", norm(byConvolution, 1), "ane", 1],
  ["scaled by 1/16, fp16", norm(byReduction, 1 / 16), "fp16", 2],
  ["scaled by 1/16, ane", norm(byReduction, 1 / 16), "ane", 2],
  ["scaled, summed by conv, ane", norm(byConvolution, 1 / 16), "ane", 3],
];

/** Per variant, the error in % by log2 of the root mean square, and the first and last rms with an error below 1 %. */
export function studyNorm() {
  const exponents = Array.from({ length: 61 }, (_, i) => i / 4 - 6);
  return VARIANTS.map(([name, program, numerics, colour]) => {
    const points = exponents.map((exponent) => [
      exponent,
      errorAt(program, numerics, 2 ** exponent),
    ]);
    const good = points.filter(([, error]) => error < 1).map(([exponent]) => 2 ** exponent);
    const [first, last] = [good[0], good.at(-1)].map((rms) => rms?.toPrecision(3));
    return { name, colour, dashed: numerics === "fp16", points, first, last };
  });
}

function errorAt(program, numerics, rms) {
  // A fixed ramp of root mean square 1: every channel has another size, every position the same.
  const data = Float64Array.from({ length: D * S }, (_, i) => {
    const c = Math.floor(i / S);
    return rms * Math.sqrt(3) * ((2 * ((c * 97) % D)) / (D - 1) - 1);
  });
  const x = { x: { type: TYPE, data } };
  const exact = interpret(program, x, { numerics: "float64" }).xn.data;
  const actual = interpret(program, x, { numerics }).xn.data;
  let [difference, norm] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    difference += Number.isFinite(actual[i]) ? (actual[i] - exact[i]) ** 2 : exact[i] ** 2;
    norm += exact[i] ** 2;
  }
  return 100 * Math.min(1, Math.sqrt(difference / norm));
}
