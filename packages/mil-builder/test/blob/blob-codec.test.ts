import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, type DType, decodeBlob, encodeBlob } from "../../src/index.js";

/** All values of a float format by code, from the definition: sign · 2^(exponent - bias) · (1 + fraction / 2^fractionBits). */
function table(exponentBits: number, fractionBits: number, hasInfinity: boolean): number[] {
  const bias = 2 ** (exponentBits - 1) - 1;
  const codes = 2 ** (1 + exponentBits + fractionBits);
  return Array.from({ length: codes }, (_, code) => {
    const digits = code.toString(2).padStart(1 + exponentBits + fractionBits, "0");
    const exponent = Number.parseInt(digits.slice(1, 1 + exponentBits), 2);
    const fraction = Number.parseInt(digits.slice(1 + exponentBits), 2);
    const sign = digits.startsWith("1") ? -1 : 1;
    const last = exponent === 2 ** exponentBits - 1;
    if (last && hasInfinity) return fraction === 0 ? sign * Infinity : NaN;
    if (last && fraction === 2 ** fractionBits - 1) return NaN;
    const significand = fraction / 2 ** fractionBits + (exponent === 0 ? 0 : 1);
    return sign * significand * 2 ** (Math.max(exponent, 1) - bias);
  });
}

const FLOATS = {
  fp16: table(5, 10, true),
  bf16: table(8, 7, true),
  fp8e4m3fn: table(4, 3, false),
  fp8e5m2: table(5, 2, true),
} satisfies Partial<Record<DType, readonly number[]>>;
type NarrowFloat = keyof typeof FLOATS;
const NARROW = Object.keys(FLOATS) as NarrowFloat[];

function codes(dtype: NarrowFloat): Uint8Array | Uint16Array {
  const all = FLOATS[dtype].map((_, code) => code);
  return dtype.startsWith("fp8") ? Uint8Array.from(all) : Uint16Array.from(all);
}

describe.each(NARROW)("%s", (dtype) => {
  const values = FLOATS[dtype];

  it("decodes every code", () => {
    expect([...decodeBlob({ dtype, data: codes(dtype) })]).toEqual(values);
  });

  it("encodes every value as its code", () => {
    const { data } = encodeBlob(dtype, values);
    values.forEach((value, code) => {
      if (Number.isNaN(value)) expect(values[data[code]!]).toBeNaN();
      else if (data[code] !== code) expect.fail(`${value}: ${data[code]} is not ${code}`);
    });
  });

  // Positive finite codes are in the order of their values.
  const finite = values.slice(0, values.length / 2).filter(Number.isFinite);

  it("rounds to the nearest, ties to even, exactly at every tie and around it", () => {
    for (let code = 0; code + 1 < finite.length; code++) {
      const tie = (finite[code]! + finite[code + 1]!) / 2;
      const inputs = [tie * (1 - 2 ** -50), tie, tie * (1 + 2 ** -50)];
      const even = code % 2 === 0 ? code : code + 1;
      const expected = [code, even, code + 1];
      const { data } = encodeBlob(dtype, [...inputs, ...inputs.map((value) => -value)]);
      const sign = values.length / 2;
      const all = [...expected, ...expected.map((positive) => positive + sign)];
      if (all.some((wanted, index) => wanted !== data[index])) expect([...data]).toEqual(all);
    }
  });

  it("overflows from half a step beyond the largest number", () => {
    const largest = finite.at(-1)!;
    const step = largest - finite.at(-2)!;
    const { data } = encodeBlob(dtype, [largest + step * 0.499, largest + step * 0.501, Infinity]);
    expect(values[data[0]!]).toBe(largest);
    const beyond = dtype === "fp8e4m3fn" ? NaN : Infinity;
    expect([values[data[1]!], values[data[2]!]]).toEqual([beyond, beyond]);
  });
});

it("bf16 is the upper half of fp32", () => {
  const words = Uint32Array.from({ length: 65536 }, (_, code) => code * 65536);
  expect(decodeBlob({ dtype: "bf16", data: codes("bf16") })).toEqual(
    Float64Array.from(new Float32Array(words.buffer)),
  );
});

const PACKED = { int4: 4, uint1: 1, uint2: 2, uint3: 3, uint4: 4, uint6: 6 } as const;

describe.each(Object.entries(PACKED) as [keyof typeof PACKED, number][])("%s", (dtype, bits) => {
  const min = dtype === "int4" ? -8 : 0;
  const element = fc.integer({ min, max: min + 2 ** bits - 1 });

  /** The bit stream as text, the lowest bit first. */
  function reference(values: readonly number[]): number[] {
    const stream = values
      .map((value) => (value < 0 ? value + 2 ** bits : value).toString(2).padStart(bits, "0"))
      .map((digits) => [...digits].reverse().join(""))
      .join("");
    const bytes = stream.match(/.{1,8}/g) ?? [];
    return bytes.map((byte) => Number.parseInt([...byte.padEnd(8, "0")].reverse().join(""), 2));
  }

  it("packs every pair of neighbours, the first element in the low bits", () => {
    const all = Array.from({ length: 2 ** bits }, (_, index) => min + index);
    const pairs = all.flatMap((a) => all.flatMap((b) => [a, b, a]));
    const { data, length } = encodeBlob(dtype, pairs);
    expect([...data]).toEqual(reference(pairs));
    expect([...decodeBlob({ dtype, data, length })]).toEqual(pairs);
  });

  it("packs and unpacks any number of elements", () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 40 }), (values) => {
        const blob = encodeBlob(dtype, values);
        expect([...blob.data]).toEqual(reference(values));
        expect([...decodeBlob(blob)]).toEqual(values);
        expect([...decodeBlob(blob, 3)]).toEqual(values.slice(0, 3));
      }),
    );
  });
});

it("encodes whole bytes and words as they are", () => {
  const limits: readonly (readonly [DType, number, number])[] = [
    ["int8", -128, 127],
    ["uint8", 0, 255],
    ["int16", -32768, 32767],
    ["uint16", 0, 65535],
    ["int32", -(2 ** 31), 2 ** 31 - 1],
    ["uint32", 0, 2 ** 32 - 1],
  ];
  for (const [dtype, min, max] of limits) {
    const blob = encodeBlob(dtype, [min, 0, max]);
    expect([...blob.data]).toEqual([min, 0, max]);
    expect([...decodeBlob(blob)]).toEqual([min, 0, max]);
    for (const outside of [min - 1, max + 1, 0.5, Number.NaN]) {
      expect(() => encodeBlob(dtype, [outside])).toThrow(ArgumentError);
    }
  }
  expect(encodeBlob("fp32", [0.1]).data).toEqual(Float32Array.of(0.1));
});

it("refuses integers beyond a packed dtype and dtypes that no blob file holds", () => {
  expect(() => encodeBlob("uint3", [8])).toThrow(/integers in 0..7, got 8 at index 0/);
  expect(() => encodeBlob("int4", [0, -9])).toThrow(/integers in -8..7, got -9 at index 1/);
  expect(() => encodeBlob("int64", [1])).toThrow(/no code for int64/);
});
