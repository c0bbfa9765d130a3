/**
 * Generates a kernel of a Llama layer, checks it for every chip in the dialect that the chip reads, and writes it as an
 * .mlpackage, which public Core ML compiles and runs. The directory is the first argument, or a temporary one.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBlob, fwdFFN, verify, writeBlobFile } from "@ane/mil-builder";
import { readMlpackage, writeMlpackage } from "@ane/mil-builder/mlpackage";

const config = {
  ...{ dim: 64, hiddenDim: 128, heads: 4, kvHeads: 4, headDim: 16 },
  ...{ seqLen: 32, normEps: 1e-5, ropeTheta: 10000 },
};
const kernel = fwdFFN(config);

for (const chip of ["m1", "m2", "m3", "m4", "m5"] as const) {
  const opset = chip === "m1" || chip === "m2" ? "ios16" : "ios18"; // M1 and M2 read the older dialect only
  const problems = verify(fwdFFN({ ...config, opset }).program, { chip });
  console.log(`${chip}: ${problems.length} rules broken`);
}

const blobs = new Map(kernel.constants);
for (const { path, shape } of Object.values(kernel.weights)) {
  const length = shape.reduce((product, dim) => product * dim, 1);
  const values = Float64Array.from({ length }, (_, i) => 0.1 * Math.cos(i * i));
  blobs.set(path, writeBlobFile([encodeBlob("fp16", values)]));
}

const folder = process.argv[2]?.endsWith(".mlpackage")
  ? undefined
  : await mkdtemp(join(tmpdir(), "mil-"));
const directory = folder === undefined ? process.argv[2]! : join(folder, "ffn.mlpackage");
await writeMlpackage(kernel.program, blobs, directory);
const { specificationVersion, blobs: files } = await readMlpackage(directory);
console.log(
  `wrote ${directory}: specification ${specificationVersion}, ${files.size} weight files`,
);
