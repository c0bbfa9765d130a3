/** The kernels of a Llama layer against the interpreter, in fp16 and fp32, with and without grouped queries. */
import {
  type DynamicKernel,
  dynamicKernels,
  type Kernel,
  type LlamaKernelConfig,
  llamaKernels,
} from "@ane/mil-builder";
import { describe } from "vitest";
import { GROUPED, randomWeights, SMALL, stagedInputs } from "../support/llama.js";
import { caseOf, expectReference, type Subject } from "./subject.js";

/**
 * Outputs of several roundings in a row: a sum that falls to the other side of a boundary moves what is computed from it.
 * In units of the last place of the largest element.
 */
const ULPS = 2;

export function kernelCases(subject: Subject): void {
  describe(`${subject.name}: Llama kernels`, () => {
    for (const [size, config] of Object.entries({ small: SMALL, "grouped queries": GROUPED })) {
      for (const dtype of ["fp16", "fp32"] as const) {
        for (const [name, kernel] of kernelsOf({ ...config, dtype })) {
          caseOf(subject, `${name}, ${size}, ${dtype}`, () => {
            const weights = randomWeights(kernel, dtype, 10);
            expectReference(subject, kernel.program, { weights, seed: 3, ulps: ULPS });
          });
        }
        for (const kernel of dynamicKernelsOf({ ...config, dtype })) {
          caseOf(subject, `${kernel.name}, ${size}, ${dtype}`, () => {
            const [weights, inputs] = [kernel.constants, stagedInputs(kernel, 3)];
            expectReference(subject, kernel.program, { weights, inputs, ulps: ULPS });
          });
        }
      }
    }
  });
}

function kernelsOf(config: LlamaKernelConfig): [string, Kernel][] {
  return Object.entries<Kernel>({ ...llamaKernels(config) });
}

function dynamicKernelsOf(config: LlamaKernelConfig): DynamicKernel[] {
  return Object.values<DynamicKernel>({ ...dynamicKernels(config) });
}
