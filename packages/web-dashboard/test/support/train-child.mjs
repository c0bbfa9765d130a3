/** A real training run in processes of its own, slow enough to be looked at: train-child.mjs FOLDER [--resume]. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { train } from "@ane/trainer";

const [folder, resume] = process.argv.slice(2);
const V = 64;
const model = {
  name: "tiny",
  dim: 64,
  hiddenDim: 128,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  vocabSize: V,
  seqLen: 32,
  normEps: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
};

function newRun() {
  const inputs = join(folder, "..", "..", "inputs");
  mkdirSync(inputs, { recursive: true });
  const [modelFile, data] = [join(inputs, "tiny.json"), join(inputs, "tokens.bin")];
  writeFileSync(modelFile, JSON.stringify(model));
  // Ids that follow from the one before: something to learn.
  writeFileSync(
    data,
    Uint16Array.from({ length: 8192 }, (_, index) => (index * 7) % V),
  );
  // The static pipeline compiles anew after each update: two per process, then a planned restart.
  return {
    out: folder,
    model: modelFile,
    data,
    validation: data,
    evalEvery: 50,
    evalWindows: 2,
    pipeline: "static",
    device: "cpu",
    accum: 20,
    lr: 1e-2,
    saveEvery: 20,
    compileBudget: 26,
    steps: 100_000,
  };
}

for await (const _event of train(resume ? { resume: folder } : newRun())) {
  // Written to the run's folder.
}
