import { buildProgram, interpret, print, tensor, verify, writeBlobFile } from "@ane/mil-builder";

// y = W · relu(x): activations are channel-first [1, C, 1, S], a weight is a 1×1 convolution.
const path = "@model_path/weights/w.bin";
const program = buildProgram({ opset: "ios18" }, (f) => {
  const x = f.input("x", tensor("fp16", [1, 2, 1, 32]));
  const weight = f.blob("w", tensor("fp16", [3, 2, 1, 1]), path);
  return { y: f.conv({ x: f.relu({ x }), weight }) };
});

export const text = print(program); // what Apple's compiler reads; parse(text) gives the program back
export const problems = verify(program, { chip: "m4" }); // rules of the language and of the engine

// Run it right here, rounding like the engine: every result once, to fp16.
const w = Uint16Array.of(0x3c00, 0, 0, 0x3c00, 0x3c00, 0x3c00); // bits of [[1, 0], [0, 1], [1, 1]]
const weights = new Map([[path, writeBlobFile([{ dtype: "fp16", data: w }])]]);
const data = Float32Array.from({ length: 64 }, (_, i) => i - 16);
const x = { type: tensor("fp16", [1, 2, 1, 32]), data };
export const { y } = interpret(program, { x }, { weights, numerics: "fp16" });
