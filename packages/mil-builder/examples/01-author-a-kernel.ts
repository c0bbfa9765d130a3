/**
 * Authors a feed-forward layer with a bias, lets the passes clean it, asks the verifier, prints it, and runs it as fp16 and
 * as float64 to see what the rounding costs. Needs no Mac.
 */
import {
  buildProgram,
  encodeBlob,
  interpret,
  print,
  runPasses,
  tensor,
  verify,
  writeBlobFile,
} from "@ane/mil-builder";

const [D, F, S] = [64, 128, 32];
const w1 = "@model_path/weights/w1.bin";
const w2 = "@model_path/weights/w2.bin";

// Activations are channel-first [1, C, 1, S]; a weight is a 1×1 convolution.
const written = buildProgram({ opset: "ios18" }, (f) => {
  const x = f.input("x", tensor("fp16", [1, D, 1, S]));
  const hidden = f.conv({ x, weight: f.blob("w1", tensor("fp16", [F, D, 1, 1]), w1) }, "hidden");
  const bias = f.mul({ x: f.constant("one", tensor("fp16", [1]), 1), y: 0.25 }, "bias");
  const shifted = f.add({ x: hidden, y: bias }, "shifted");
  const active = f.mul({ x: shifted, y: f.sigmoid({ x: shifted }) }, "active");
  return { y: f.conv({ x: active, weight: f.blob("w2", tensor("fp16", [D, F, 1, 1]), w2) }) };
});

const program = runPasses(written); // 1 · 0.25 is computed here, not on the device
const count = (of: typeof program) => of.functions[0]!.operations.length;
console.log(`${count(written)} ops written, ${count(program)} left`);

const problems = verify(program, { chip: "m4" });
console.log(problems.length === 0 ? "no rule broken on m4" : problems);
console.log(print(program, { layout: "readable" }));

const wave = (length: number, scale: number) =>
  Float64Array.from({ length }, (_, i) => scale * Math.sin(i * i));
const file = (length: number) => writeBlobFile([encodeBlob("fp16", wave(length, 0.2))]);
const weights = new Map([
  [w1, file(F * D)],
  [w2, file(D * F)],
]);
const x = { type: tensor("fp16", [1, D, 1, S]), data: wave(D * S, 1) };
const rounded = interpret(program, { x }, { weights, numerics: "fp16" }).y!.data;
const exact = interpret(program, { x }, { weights, numerics: "float64" }).y!.data;
const error = rounded.reduce((most, value, i) => Math.max(most, Math.abs(value - exact[i]!)), 0);
console.log(`largest rounding error in fp16: ${error.toExponential(1)}`);
