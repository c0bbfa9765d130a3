/**
 * Projections in 8 bits (W8A8): y = conv(dequantize(quantize(x)), constexpr_affine_dequantize(w)), weights int8 with one scale
 * per output channel, activations int8 with one scale per tensor, both symmetric. The pattern is what Core ML's compiler
 * turns into 8-bit arithmetic (coremltools, optimize.coreml linear quantization of weights and activations). Outside of it,
 * activations stay in the kernel's dtype. An activation beyond ±127 scales is clipped.
 */
import type { FunctionBuilder } from "../builder.js";
import { roundToDType } from "../float-format.js";
import { hasOpset } from "../opset.js";
import type { Value } from "../program.js";
import { scalar } from "../tensor-type.js";
import { KernelConfigError, type KernelDims } from "./config.js";
import { type Projector, project } from "./project.js";
import { keysOf, type WeightShape } from "./slots.js";

/** Each weight as int8 and, under `<name>_scale`, its scales [out] (see `quantizeInt8`). */
export function int8Weights<Weight extends string>(
  weights: Readonly<Record<Weight, WeightShape>>,
): Record<Weight | `${Weight}_scale`, WeightShape> {
  const entries = keysOf(weights).flatMap((name) => {
    const weight = weights[name];
    const scales: WeightShape = { shape: [weight.shape[0]!], transposed: false };
    return [
      [name, { ...weight, dtype: "int8" }],
      [`${name}_scale`, scales],
    ] as const;
  });
  return Object.fromEntries(entries) as Record<Weight | `${Weight}_scale`, WeightShape>;
}

/** Validates scales and opset. @throws KernelConfigError */
export function checkInt8(
  { dtype, opset }: KernelDims,
  scales: Readonly<Record<string, number>>,
): void {
  if (!hasOpset(opset, "ios17")) {
    const rule = "must have quantize and dequantize, that is ios17 or newer";
    throw new KernelConfigError("opset", rule, opset, "Leave it out for ios18.");
  }
  for (const [name, scale] of Object.entries(scales)) {
    const rounded = roundToDType(scale, dtype);
    if (!(rounded > 0 && Number.isFinite(rounded))) {
      const rule = `${name} must be positive and finite in ${dtype}`;
      const remedy = "Use the largest magnitude of the activation over 127.";
      throw new KernelConfigError("scales", rule, scale, remedy);
    }
  }
}

/** Multiplication in 8 bits; `scales` are those of what each weight is multiplied with. */
export function int8Projector<Weight extends string>(
  f: FunctionBuilder,
  weights: Readonly<Record<NoInfer<Weight> | `${NoInfer<Weight>}_scale`, Value>>,
  scales: Readonly<Record<Weight, number>>,
): Projector<Weight> {
  // An activation that several weights multiply is quantized once.
  const quantized = new Map<Value, Value>();
  return (name, x, result) => {
    const activation = quantized.get(x) ?? roundTrip(f, x, scales[name]);
    quantized.set(x, activation);
    const weight = f.constexpr_affine_dequantize(
      {
        quantized_data: weights[name],
        scale: weights[`${name}_scale`],
        zero_point: f.constant(`${name}_zero`, scalar("int8"), 0),
        axis: 0,
      },
      `${name}_dequantized`,
    );
    return project(f, activation, weight, result);
  };
}

/** x as the multiples of the scale that int8 holds. */
function roundTrip(f: FunctionBuilder, x: Value, scale: number): Value {
  const step = f.constant(`${x.name}_scale`, scalar(x.type.dtype), scale);
  const quantized = f.quantize(
    { input: x, scale: step, output_dtype: "int8" },
    `${x.name}_quantized`,
  );
  return f.dequantize({ input: quantized, scale: step }, `${x.name}_dequantized`);
}
