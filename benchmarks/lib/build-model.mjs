/**
 * All kernels of a model, each layer's anew: built, verified, printed. As a program it does so once and prints one line of JSON
 * with milliseconds: `node build-model.mjs LAYERS` is what a fresh process takes.
 */
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

const started = performance.now();
const { llamaKernels, print, verify } = await import("@ane/mil-builder");
const loaded = performance.now();

/** A layer of Qwen3-0.6B's size, whose model has 28. */
const layer = {
  dim: 1024,
  hiddenDim: 3072,
  heads: 16,
  kvHeads: 8,
  headDim: 128,
  seqLen: 256,
  normEps: 1e-6,
  ropeTheta: 1e6,
};

/** @returns {{ build: number, verify: number, print: number, total: number, kernels: number, texts: string[] }} milliseconds */
export function buildModel(layers) {
  const ms = { build: 0, verify: 0, print: 0 };
  const texts = [];
  const timed = (part, action) => {
    const start = performance.now();
    const result = action();
    ms[part] += performance.now() - start;
    return result;
  };
  for (let index = 0; index < layers; index++) {
    const kernels = timed("build", () => Object.values(llamaKernels(layer)));
    for (const { name, program } of kernels) {
      const broken = timed("verify", () => verify(program)).filter(
        ({ severity }) => severity === "error",
      );
      if (broken.length > 0) throw new Error(`${name}: ${broken[0].message}`);
      texts.push(timed("print", () => print(program)));
    }
  }
  const total = ms.build + ms.verify + ms.print;
  return { ...ms, total, kernels: texts.length, texts };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { texts: _, ...ms } = buildModel(Number(argv[2]));
  console.log(JSON.stringify({ load: loaded - started, ...ms }));
}
