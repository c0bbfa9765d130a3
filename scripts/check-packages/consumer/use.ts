/** Uses every package as a dependent would: a kernel built, printed, verified, differentiated, run; a model, a tokenizer, a tiny run. */
import { writeFileSync } from "node:fs";
import { cpuInfo, sumOfSquares } from "@ane/accel-ops";
import { openDevice } from "@ane/ane-runtime";
import { presets } from "@ane/llama-model";
import { buildProgram, parse, print, tensor, verify } from "@ane/mil-builder";
import { grad } from "@ane/mil-builder/autodiff";
import { readMlpackage } from "@ane/mil-builder/mlpackage";
import { MpiError, openMpi } from "@ane/mpi";
import { listRuns } from "@ane/run-records";
import { loadTokenizer, writeTokenFile } from "@ane/tokenizer-data";
import { train } from "@ane/trainer";
import { serveDashboard } from "@ane/web-dashboard";

const program = buildProgram({}, (f) => {
  const x = f.input("x", tensor("fp16", [1, 8, 1, 32]));
  return { y: f.silu({ x }) };
});
if (print(parse(print(program))) !== print(program)) throw new Error("print and parse");
if (verify(program, { chip: "m4" }).length > 0) throw new Error("verify");
if (grad(program, { of: "y", wrt: ["x"], seed: "dy" }).functions.length !== 1)
  throw new Error("grad");

const device = openDevice("cpu");
const kernel = device.compile(program, new Map());
const [x, y] = [device.createSurface(kernel.inputs[0]!), device.createSurface(kernel.outputs[0]!)];
x.write((halves) => halves.fill(0x3c00)); // 1 as a half
kernel.evaluate({ x, y });
if (y.read((halves) => halves[0]) !== 0x39d9) throw new Error("silu(1) is 0.731");

if (sumOfSquares(Float32Array.of(3, 4)) !== 25 || cpuInfo().threads < 1) throw new Error("vectors");

if (loadTokenizer().decode([1, 9038, 2501]) !== "Once upon") throw new Error("tokenizer");
try {
  openMpi();
} catch (error) {
  if (!(error instanceof MpiError)) throw error;
}
if (typeof readMlpackage !== "function" || typeof serveDashboard !== "function") throw new Error();

const tiny = { ...presets.stories260k, name: "tiny", layers: 1, vocabSize: 64, seqLen: 32 };
writeFileSync("tiny.json", JSON.stringify(tiny));
writeTokenFile(
  "tokens.bin",
  Array.from({ length: 300 }, (_, i) => (i * 7) % 64),
  "uint16",
);
let losses = 0;
for await (const event of train({
  model: "tiny.json",
  data: "tokens.bin",
  steps: 2,
  accum: 1,
  out: "library-run",
})) {
  if (event.type === "step") losses++;
}
if (losses !== 2 || (await listRuns(".")).length < 1) throw new Error("train");
console.log("the packages work together");
