/**
 * What a micro-step consists of, as data: kernels, what crosses to and from them, and the CPU's work beside them. Every pipeline,
 * ours and published ones, is described in this form, so that all are counted and priced alike.
 */
import type { StepCounts } from "../events.js";

/** One kernel of a layer. Bytes and operations of one evaluation. */
export interface KernelWork {
  readonly name: string;
  readonly phase: "forward" | "backward";
  /** Of matrix products, two per multiply-add. */
  readonly flops: number;
  /** What the device reads and writes: input and output ports, weights among them where they are inputs. */
  readonly portBytes: number;
  /** fp32 on the CPU, rounded into the surface. All three are bytes of surfaces. */
  readonly written: number;
  /** Widened to fp32 for the CPU. */
  readonly read: number;
  /** Moved as it is: between surfaces, or between the CPU and a surface of its dtype. */
  readonly copied: number;
}

export interface StepStructure {
  readonly layers: number;
  /** Of one layer. */
  readonly kernels: readonly KernelWork[];
  /** Operations of the CPU's passes over tensors, see PER_ELEMENT. */
  readonly passes: { readonly forward: number; readonly loss: number; readonly backward: number };
  /** Elements of logits that are transposed on their way to the loss and back. */
  readonly transposed: number;
  /** The classifier's two products in the step's own time: logits and their gradient's way back. */
  readonly classifierFlops: number;
  /** Every dW, the classifier's too: behind the backward pass. */
  readonly gradientFlops: number;
  /** fp16 operands of dW that are read where the kernels left them. */
  readonly bytesInPlace: number;
  /** fp32 operands of dW that are copied aside for it. */
  readonly bytesCaptured: number;
  /** Kernels that are compiled at first, and again after every update. */
  readonly compilations: { readonly first: number; readonly perUpdate: number };
  /** Weights that are converted into surfaces after every update. */
  readonly stagedBytes: number;
}

/** What the counters of a running pipeline say of a micro-step. Copies aside and transpositions have no counter. */
export function structureCounts(structure: StepStructure): StepCounts {
  const { layers, kernels, passes } = structure;
  const all = (count: (kernel: KernelWork) => number) =>
    layers * kernels.reduce((sum, kernel) => sum + count(kernel), 0);
  return {
    dispatches: layers * kernels.length,
    bytesWritten: all(({ written, copied }) => written + copied),
    bytesRead: all(({ read, copied }) => read + copied),
    bytesConverted: all(({ written, read }) => written + read),
    bytesCopied: all(({ copied }) => copied),
    bytesInPlace: structure.bytesInPlace,
    deviceFlops: all(({ flops }) => flops),
    cpuFlops:
      structure.classifierFlops +
      structure.gradientFlops +
      passes.forward +
      passes.loss +
      passes.backward,
  };
}
