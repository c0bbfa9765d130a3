import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  buildProgram,
  dequantizeInt8,
  interpret,
  quantizeInt8,
  scalar,
  tensor,
  writeBlobFile,
} from "../src/index.js";
import { uniform } from "./kernels/fixtures.js";

const SHAPE = [6, 5, 1, 3];
const weights = Float32Array.from(uniform(90, 0.3, 4), (value, index) =>
  // Channels of very different size, one of them of zeros.
  Math.floor(index / 15) === 3 ? 0 : value * 2 ** -Math.floor(index / 15),
);

describe("quantizeInt8", () => {
  it("gives each output channel the scale of its largest weight", () => {
    const { scale, zeroPoint, axis, data } = quantizeInt8(weights, SHAPE, { scaleDtype: "fp32" });
    expect(axis).toBe(0);
    expect(zeroPoint).toEqual(new Int8Array(6));
    for (let channel = 0; channel < 6; channel++) {
      const part = weights.slice(channel * 15, channel * 15 + 15);
      const largest = Math.max(...part.map(Math.abs));
      expect(scale[channel]).toBe(channel === 3 ? 1 : Math.fround(largest / 127));
      const largestQ = Math.max(...data.slice(channel * 15, channel * 15 + 15).map(Math.abs));
      expect(largestQ).toBe(channel === 3 ? 0 : 127);
    }
  });

  it("takes channels along any axis", () => {
    const matrix = Float32Array.of(1, -20, 3, 4, 5, -60);
    const { scale, data, axis } = quantizeInt8(matrix, [2, 3], { axis: -1, scaleDtype: "fp32" });
    expect(axis).toBe(1);
    expect([...scale]).toEqual([4, 20, 60].map((largest) => Math.fround(largest / 127)));
    expect([...data]).toEqual([32, -127, 6, 127, 32, -127]);
  });

  it("has one scale per tensor if asked", () => {
    const { scale, zeroPoint, data } = quantizeInt8(Float32Array.of(-12.7, 0.05, 0.15, 6), [4], {
      granularity: "tensor",
    });
    expect([scale.length, zeroPoint.length]).toEqual([1, 1]);
    expect(scale[0]).toBe(1638 / 2 ** 14); // 0.1 in fp16
    expect([...data]).toEqual([-127, 1, 2, 60]);
  });

  it("rounds ties to even", () => {
    const { data } = quantizeInt8(Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5), [1, 6]);
    expect([...data]).toEqual([127, 0, 2, 2, 0, -2]);
  });

  it("reports the noise of what the program computes", () => {
    for (const granularity of ["tensor", "channel"] as const) {
      for (const scaleDtype of ["fp16", "fp32"] as const) {
        const result = quantizeInt8(weights, SHAPE, { granularity, scaleDtype });
        const restored = dequantizeInt8(result);
        const errors = restored.map((value, index) => value - weights[index]!);
        const square = errors.reduce((sum, error) => sum + error ** 2, 0);
        const energy = weights.reduce((sum, weight) => sum + weight ** 2, 0);
        expect(result.noise.maxAbs).toBeCloseTo(Math.max(...errors.map(Math.abs)), 7);
        expect(result.noise.rms).toBeCloseTo(Math.sqrt(square / 90), 7);
        expect(result.noise.snrDb).toBeCloseTo(10 * Math.log10(energy / square), 2);
      }
    }
    const perTensor = quantizeInt8(weights, SHAPE, { granularity: "tensor" });
    expect(quantizeInt8(weights, SHAPE).noise.snrDb).toBeGreaterThan(perTensor.noise.snrDb + 3);
    expect(quantizeInt8(Float32Array.of(127, -3), [2, 1], { granularity: "tensor" }).noise).toEqual(
      {
        maxAbs: 0,
        rms: 0,
        snrDb: Infinity,
      },
    );
  });

  it("is never off by more than half a step", () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 30 }), (values) => {
        const given = Float32Array.from(values);
        const result = quantizeInt8(given, [1, given.length], { scaleDtype: "fp32" });
        const step = result.scale[0]!;
        // fp32 holds scale · q and the weights to 24 bits.
        const slack = 1000 * 2 ** -23;
        dequantizeInt8(result).forEach((value, index) => {
          expect(Math.abs(value - given[index]!)).toBeLessThanOrEqual(step / 2 + slack);
        });
      }),
    );
  });

  it.each(["tensor", "channel"] as const)(
    "per %s gives the parameters of the op",
    (granularity) => {
      const quantized = quantizeInt8(weights, SHAPE, { granularity });
      const { data, scale, zeroPoint, axis } = quantized;
      const path = "@model_path/weights/w.bin";
      const program = buildProgram({ opset: "ios16" }, (f) => {
        const of = (name: string, dtype: "fp16" | "int8", elements: ArrayLike<number>) =>
          granularity === "tensor"
            ? f.constant(name, scalar(dtype), elements[0]!)
            : f.constant(name, tensor(dtype, [elements.length]), elements);
        const w = f.constexpr_affine_dequantize({
          quantized_data: f.blob("q", tensor("int8", SHAPE), path),
          zero_point: of("zero", "int8", zeroPoint),
          scale: of("scale", "fp16", scale),
          axis,
        });
        return { y: f.mul({ x: f.input("x", tensor("fp16", [1])), y: w }) };
      });
      const { y } = interpret(
        program,
        { x: { type: tensor("fp16", [1]), data: [1] } },
        { weights: new Map([[path, writeBlobFile([{ dtype: "int8", data }])]]), numerics: "fp16" },
      );
      expect(y!.data).toEqual(Float64Array.from(dequantizeInt8(quantized)));
    },
  );

  it("refuses what has no int8 form", () => {
    expect(() => quantizeInt8(Float32Array.of(1), [2])).toThrow(/has 2 elements, got 1/);
    expect(() => quantizeInt8(Float32Array.of(1), [1], { axis: 1 })).toThrow(/-1..0, got 1/);
    expect(() => quantizeInt8(Float32Array.of(NaN), [1])).toThrow(/finite, got NaN at index 0/);
    expect(() => quantizeInt8(Float32Array.of(65504), [1])).toThrow(/finite in fp16/);
    expect(() => quantizeInt8(Float32Array.of(65504), [1])).toThrow(ArgumentError);
  });

  it("gives almost empty channels the smallest scale", () => {
    const tiny = quantizeInt8(Float32Array.of(3 * 2 ** -24, 2 ** -26, -(2 ** -149)), [1, 3]);
    expect([tiny.scale[0], ...tiny.data]).toEqual([2 ** -24, 3, 0, 0]);
    const fp32 = quantizeInt8(Float32Array.of(-(2 ** -149)), [1], { scaleDtype: "fp32" });
    expect([fp32.scale[0], ...fp32.data]).toEqual([2 ** -149, -1]);
  });
});
