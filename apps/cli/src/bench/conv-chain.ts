/**
 * Chains of 1×1 convolutions [C, C] on [1, C, 1, S], each with weights of its own: what the engine does fastest, so that its peak shows
 * (maderix/ANE measures fp16 and W8A8 so). Deeper chains and longer rows hide the cost of a dispatch.
 */
import type { WeightFiles } from "@ane/ane-runtime";
import type { Workbench } from "@ane/ane-runtime/selftest";
import {
  buildProgram,
  type FunctionBuilder,
  type Program,
  scalar,
  tensor,
  toHalfArray,
  type Value,
  writeBlobFile,
} from "@ane/mil-builder";

export interface ChainShape {
  readonly channels: number;
  readonly depth: number;
  readonly width: number;
}

/** Multiplications and additions of one evaluation. */
export function chainOperations({ channels, depth, width }: ChainShape): number {
  return 2 * channels * channels * depth * width;
}

const path = (layer: number) => `@model_path/weights/w${String(layer).padStart(3, "0")}.bin`;

export function halfChain(
  { opset }: Pick<Workbench, "opset">,
  shape: ChainShape,
): [Program, WeightFiles] {
  const { channels: C, depth } = shape;
  const program = chain(opset, shape, (f, x, layer) =>
    f.conv({ x, weight: f.blob(`w${layer}`, tensor("fp16", [C, C, 1, 1]), path(layer)) }),
  );
  const elements = Float32Array.from(
    { length: C * C },
    (_, i) => (((i * 37) % 17) - 8) / (5 * Math.sqrt(C)),
  );
  const file = writeBlobFile([{ dtype: "fp16", data: toHalfArray(elements) }]);
  return [program, files(depth, file)];
}

/** One scale for all activations, one for all weights; see int8-project.ts of mil-builder for the pattern. */
export function byteChain(shape: ChainShape): [Program, WeightFiles] {
  const { channels: C, depth } = shape;
  const program = chain("ios18", shape, (f, x, layer) => {
    const scale = f.constant(`scale${layer}`, scalar("fp16"), 1 / 32);
    const quantized = f.quantize({ input: x, scale, output_dtype: "int8" });
    const weight = f.constexpr_affine_dequantize({
      quantized_data: f.blob(`w${layer}`, tensor("int8", [C, C, 1, 1]), path(layer)),
      scale: f.constant(`weight_scale${layer}`, scalar("fp16"), 1 / (40 * Math.sqrt(C))),
      zero_point: f.constant(`weight_zero${layer}`, scalar("int8"), 0),
      axis: 0,
    });
    return f.conv({ x: f.dequantize({ input: quantized, scale }), weight });
  });
  const data = Int8Array.from({ length: C * C }, (_, i) => 8 * (((i * 37) % 17) - 8));
  return [program, files(depth, writeBlobFile([{ dtype: "int8", data }]))];
}

type Layer = (f: FunctionBuilder, x: Value, layer: number) => Value;

function chain(
  opset: Workbench["opset"],
  { channels, depth, width }: ChainShape,
  layer: Layer,
): Program {
  return buildProgram({ opset, version: opset === "ios18" ? "1.3" : "1.0" }, (f) => {
    let x: Value = f.input("x", tensor("fp16", [1, channels, 1, width]));
    for (let i = 0; i < depth; i++) x = layer(f, x, i);
    return { y: x };
  });
}

function files(depth: number, file: Uint8Array): WeightFiles {
  return new Map(Array.from({ length: depth }, (_, layer) => [path(layer), file]));
}
