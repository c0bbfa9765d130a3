/**
 * Classifier forward: logits = E·xn, E the model's [V, D] classifier matrix (the embedding, where the two are tied).
 * xn [1, D, 1, S] to one port of logits per chunk of the vocabulary (see vocabulary.ts), each a 1×1 convolution by rows
 * of E.
 */
import type { Kernel } from "../kernel.js";
import { definePortKernel } from "./define-port-kernel.js";
import { project } from "./project.js";
import { channelSlots, matrix } from "./slots.js";
import {
  chunkSlots,
  chunkWeights,
  type VocabularyKernelConfig,
  vocabularyDims,
} from "./vocabulary.js";

/** Generates the classifier forward kernel. @throws KernelConfigError */
export function classifierFwd(
  config: VocabularyKernelConfig,
): Kernel<"xn", `logits${number}`, `classifier${number}`> {
  const dims = vocabularyDims(config);
  const { D, S, chunks } = dims;
  return definePortKernel(dims, {
    name: "classifierFwd",
    inputs: channelSlots("xn", S, { xn: D }),
    outputs: chunkSlots("logits", dims),
    weights: chunkWeights(dims, (rows) => matrix(rows, D)),
    body: (f, [xn], weights) =>
      Object.fromEntries(
        chunks.map(({ index }, chunk) => {
          const name = `logits${index}`;
          return [name, project(f, xn!, weights[chunk]!, name)];
        }),
      ),
  });
}
