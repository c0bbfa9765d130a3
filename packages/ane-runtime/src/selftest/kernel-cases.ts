/** A case for every kernel of a model: the six of a layer, and those of the end of the model. */
import {
  classifierBwd,
  classifierFwd,
  finalRmsNorm,
  type Kernel,
  kernelFlops,
  llamaKernels,
  rmsNormBwd,
  softmaxVocab,
  toHalfArray,
  type VocabularyKernelConfig,
  type WeightSlot,
  writeBlobFile,
} from "@ane/mil-builder";
import type { WeightFiles } from "../device.js";
import type { SelftestCase } from "./case.js";
import { checkProgram } from "./check-program.js";
import { normalHalves } from "./numbers.js";

/** A model's kernels; the opset is the machine's. */
export type ModelKernels = Omit<VocabularyKernelConfig, "dtype" | "opset">;

type MakeKernel = (config: VocabularyKernelConfig) => Kernel;

const KERNELS: Readonly<Record<string, MakeKernel>> = {
  fwdAttn: (config) => llamaKernels(config).fwdAttn,
  fwdFFN: (config) => llamaKernels(config).fwdFFN,
  ffnBwd: (config) => llamaKernels(config).ffnBwd,
  sdpaBwd1: (config) => llamaKernels(config).sdpaBwd1,
  sdpaBwd2: (config) => llamaKernels(config).sdpaBwd2,
  qkvBwd: (config) => llamaKernels(config).qkvBwd,
  finalRmsNorm,
  rmsNormBwd,
  classifierFwd,
  softmaxVocab,
  classifierBwd,
};

export function kernelCases(model: ModelKernels): SelftestCase[] {
  return Object.entries(KERNELS).map(([name, make]) => ({
    id: `kernel/${name}`,
    question: `Does ${name} compile, and give what the reference gives?`,
    run: (bench) => {
      const kernel = make({ ...model, opset: bench.opset });
      const { program, outputs } = kernel;
      const weights = randomWeights(kernel);
      return checkProgram(bench, { name, program, weights, outputs, flops: kernelFlops(kernel) });
    },
  }));
}

/** All files that the kernel reads; matrices have entries of 1/sqrt(inputs), so that activations keep their size. */
function randomWeights(kernel: Kernel): WeightFiles {
  const files = Object.values<WeightSlot>(kernel.weights).map(({ path, shape }, index) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const std = shape[0] === 1 ? 1 : 1 / Math.sqrt(shape[1]!);
    const data = toHalfArray(normalHalves(count, index + 1, std));
    return [path, writeBlobFile([{ dtype: "fp16", data }])] as const;
  });
  return new Map([...files, ...kernel.constants]);
}
