/**
 * The engine's activations: piecewise-linear tables of 33 points (751K notes/numerics.md). Points are exact values rounded to
 * fp16; between them lines; beyond the last point the function's own limit.
 */
import { erf } from "../erf.js";
import { roundHalfAway } from "./round-half-away.js";

const INTERVALS = 32;

type Unary = (x: number) => number;

interface Table {
  readonly from: number;
  readonly to: number;
  readonly f: Unary;
  /** f(-x) = -f(x), and the table holds x ≥ 0 only. */
  readonly odd?: boolean;
  /** Values beyond `from` and `to`. */
  readonly below: Unary;
  readonly above: Unary;
}

const zero: Unary = () => 0;
const one: Unary = () => 1;
const identity: Unary = (x) => x;
const sigmoid: Unary = (x) => 1 / (1 + Math.exp(-x));

const TABLES = {
  sigmoid: { from: -8, to: 8, f: sigmoid, below: zero, above: one },
  silu: { from: -8, to: 8, f: (x) => x * sigmoid(x), below: zero, above: identity },
  gelu: {
    from: -4,
    to: 4,
    f: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    below: zero,
    above: identity,
  },
  tanh: { from: 0, to: 4, f: Math.tanh, odd: true, below: zero, above: one },
  erf: { from: 0, to: 2, f: erf, odd: true, below: zero, above: one },
} as const satisfies Readonly<Record<string, Table>>;

export type TableActivation = keyof typeof TABLES;

/** The activation as the engine computes it, before its result is rounded. NaN must have been replaced. */
export function tableActivation(name: TableActivation): Unary {
  const { from, to, f, below, above, odd = false }: Table = TABLES[name];
  const step = (to - from) / INTERVALS;
  const points = Float64Array.from({ length: INTERVALS + 1 }, (_, i) =>
    roundHalfAway(f(from + i * step)),
  );
  const look: Unary = (x) => {
    if (x < from) return below(x);
    if (!(x < to)) return x === to ? points[INTERVALS]! : above(x);
    const interval = Math.floor((x - from) / step);
    const left = points[interval]!;
    const part = (x - from) / step - interval;
    return left + part * (points[interval + 1]! - left);
  };
  return odd ? (x) => (x < 0 ? -look(-x) : look(x)) : look;
}
