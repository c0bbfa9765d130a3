import { afterEach, expect, it } from "vitest";
import { philox4x32 } from "../src/fill-normal.js";
import { ArgumentError, fillNormal, setThreads } from "../src/index.js";
import { digest } from "./support/numeric.js";

// Known answers of philox4x32-10: kat_vectors of Random123 (Salmon et al., SC11).
const knownAnswers = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const;

/**
 * The same arithmetic in JavaScript, whose doubles are IEEE with no fused operation: what every CPU must give. The
 * random words come from the native Philox, which the known answers prove.
 */
function reference(index: number, seed: number, stream: number, std: number): number {
  const split = (x: number) => [x % 2 ** 32, Math.floor(x / 2 ** 32)] as const;
  const words = philox4x32([...split(Math.floor(index / 4)), ...split(stream)], split(seed));
  const pair = index % 4 < 2 ? 0 : 2;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, (words[pair]! + 0.5) / 2 ** 32);
  // u = m · 2^e with m in [√½, √2): the offset 0x95f62 carries into the exponent at √2.
  const high = bits.getUint32(0) + 0x95f62;
  const exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) + 0x3ff00000 - 0x95f62);
  const m = bits.getFloat64(0);
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let series = 1 / 21;
  for (let k = 19; k >= 1; k -= 2) series = series * s2 + 1 / k;
  const radius = Math.sqrt(-2 * (exponent * Math.LN2 + 2 * s * series));

  const turn = words[pair + 1]!;
  const quarter = ((turn + 2 ** 29) % 2 ** 32) >>> 30;
  const angle = ((turn - quarter * 2 ** 30) | 0) * (Math.PI / 2 ** 31);
  const a2 = angle * angle;
  let sin = 1;
  for (let k = 16; k >= 2; k -= 2) sin = 1 - sin * a2 * (1 / (k * (k + 1)));
  sin *= angle;
  let cos = 1;
  for (let k = 17; k >= 1; k -= 2) cos = 1 - cos * a2 * (1 / (k * (k + 1)));
  const [x, y] = quarter % 2 === 0 ? [cos, sin] : [sin, cos];
  const value = index % 2 === 0 ? (quarter === 1 || quarter === 2 ? -x : x) : quarter >= 2 ? -y : y;
  return Math.fround(radius * value * std);
}

afterEach(() => setThreads(2));

it("philox4x32-10 gives the published answers", () => {
  for (const [counter, key, expected] of knownAnswers) {
    expect([...philox4x32(counter, key)]).toEqual([...expected]);
  }
});

it("equals the same arithmetic in JavaScript bit for bit", () => {
  const cases = [
    { seed: 0, stream: 0, offset: 0 },
    { seed: 42, stream: 7, offset: 3 },
    { seed: 2 ** 53 - 1, stream: 2 ** 40 + 5, offset: 2 ** 35 + 1 },
  ];
  for (const { seed, stream, offset } of cases) {
    const out = new Float32Array(1003);
    fillNormal(out, { seed, stream, offset, std: 0.02 });
    const expected = out.map((_, i) => reference(offset + i, seed, stream, 0.02));
    expect(out).toEqual(expected);
  }
});

it("gives element offset + i wherever it is asked for, on any number of threads", () => {
  const whole = new Float32Array(200_001);
  fillNormal(whole, { seed: 5, stream: 1, std: 1 });
  for (const [offset, length] of [
    [0, 1],
    [1, 1],
    [2, 9],
    [5, 64],
    [77_777, 100_003],
  ] as const) {
    const part = new Float32Array(length);
    setThreads(1);
    fillNormal(part, { seed: 5, stream: 1, std: 1, offset });
    expect(digest(part)).toBe(digest(whole.subarray(offset, offset + length)));
  }
});

it("has the moments and tails of a standard normal, and independent streams", () => {
  const n = 1_000_000;
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  fillNormal(x, { seed: 1, stream: 0, std: 1 });
  fillNormal(y, { seed: 1, stream: 1, std: 1 });
  const mean = (f: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += f(i);
    return sum / n;
  };
  // Five standard errors of each estimate: √(variance of the summand / n).
  const tolerance = (variance: number) => 5 * Math.sqrt(variance / n);
  expect(Math.abs(mean((i) => x[i]!))).toBeLessThan(tolerance(1));
  expect(Math.abs(mean((i) => x[i]! ** 2) - 1)).toBeLessThan(tolerance(2));
  expect(Math.abs(mean((i) => x[i]! ** 3))).toBeLessThan(tolerance(15));
  expect(Math.abs(mean((i) => x[i]! ** 4) - 3)).toBeLessThan(tolerance(96));
  expect(Math.abs(mean((i) => x[i]! * y[i]!))).toBeLessThan(tolerance(1));
  expect(Math.abs(mean((i) => x[i]! * x[i ^ 1]!))).toBeLessThan(tolerance(1));
  for (const [limit, share] of [
    [1, 0.3173105],
    [2, 0.0455003],
    [3, 0.0026998],
  ] as const) {
    const measured = mean((i) => (Math.abs(x[i]!) > limit ? 1 : 0));
    expect(Math.abs(measured - share)).toBeLessThan(tolerance(share * (1 - share)));
  }
});

it("refuses seeds, streams and offsets that are not safe integers, and a bad std", () => {
  const out = new Float32Array(4).fill(7);
  const good = { seed: 1, stream: 0, std: 1 };
  const bad = [
    { seed: -1 },
    { seed: 0.5 },
    { seed: 2 ** 53 },
    { stream: -1 },
    { offset: -1 },
    { std: -1 },
    { std: Number.NaN },
  ];
  for (const change of bad)
    expect(() => fillNormal(out, { ...good, ...change })).toThrow(ArgumentError);
  expect(out).toEqual(new Float32Array(4).fill(7));
});
