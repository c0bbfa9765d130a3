/**
 * Classifier backward: dxn = Eᵀ·dlogits, E the model's [V, D] classifier matrix. One port of dlogits per chunk of the
 * vocabulary (see vocabulary.ts) to dxn [1, D, 1, S], the sum of one 1×1 convolution per chunk: a single convolution of 32000
 * input channels is rejected (maderix/ANE training/ane_classifier.h). Products below 2^-17 may vanish in the engine (751K), so
 * dlogits must come multiplied by the loss scale.
 */
import type { Kernel } from "../kernel.js";
import { definePortKernel } from "./define-port-kernel.js";
import { project } from "./project.js";
import { channelSlots, transposedMatrix } from "./slots.js";
import {
  chunkSlots,
  chunkWeights,
  type VocabularyKernelConfig,
  vocabularyDims,
} from "./vocabulary.js";

/** Generates the classifier backward kernel. @throws KernelConfigError */
export function classifierBwd(
  config: VocabularyKernelConfig,
): Kernel<`dlogits${number}`, "dxn", `classifier${number}`> {
  const dims = vocabularyDims(config);
  const { D, S, chunks } = dims;
  return definePortKernel(dims, {
    name: "classifierBwd",
    inputs: chunkSlots("dlogits", dims),
    outputs: channelSlots("dxn", S, { dxn: D }),
    weights: chunkWeights(dims, (rows) => transposedMatrix(rows, D)),
    body: (f, dlogits, weights) => {
      const parts = chunks.map(({ index }, chunk) =>
        project(f, dlogits[chunk]!, weights[chunk]!, `dxn${index}`),
      );
      return { dxn: parts.reduce((x, y) => f.add({ x, y }, "dxn_sum")) };
    },
  });
}
