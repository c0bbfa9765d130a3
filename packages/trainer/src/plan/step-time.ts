/**
 * Prices a step structure on a machine. Two streams of work: the step's own (device, dispatches, conversion, passes, classifier)
 * and, behind its backward pass, the weight gradients, which end it where they take longer. Milliseconds.
 */
import type { KernelWork, StepStructure } from "./step-structure.js";

/** What a machine does in a time. FLOP/s are of matrix products. */
export interface MachineRates {
  /** Of the engine, past dispatch and port. */
  readonly deviceFlops: number;
  /** Bytes of ports, weights in them included, that the device moves per second. */
  readonly portBytes: number;
  /** Of one evaluation, whatever it computes. */
  readonly dispatchMs: number;
  /** Of products in the step's own time. */
  readonly gemmFlops: number;
  /** Of the weight gradients. */
  readonly gradientFlops: number;
  /** Read and written per second by conversions between fp32 and fp16. */
  readonly conversionBytes: number;
  /** Read and written per second by copies. */
  readonly copyBytes: number;
  /** Operations per second of passes over tensors, see PER_ELEMENT. */
  readonly passOps: number;
  /** Operations that an element of a transposition costs as much as. */
  readonly transposeOps: number;
  /** False where the device computes on the same cores: then nothing runs beside anything. */
  readonly overlap: boolean;
}

export interface PhaseTime {
  readonly compute: number;
  readonly dispatch: number;
  readonly conversion: number;
  readonly copies: number;
  readonly passes: number;
}

export interface StepTime {
  readonly forward: PhaseTime;
  readonly backward: PhaseTime;
  /** One of the classifier's products in the step's own time; there are two. */
  readonly classifierProduct: number;
  readonly loss: number;
  /** Operands copied aside for the weight gradients. */
  readonly captured: number;
  /** All of the weight gradients' own time. */
  readonly gradients: number;
  /** What of it the step has to wait for. */
  readonly exposed: number;
  /** Without optimizer and staging. */
  readonly step: number;
}

/** Bytes moved per byte of fp16 surface: its own two and fp32's four. */
export const CONVERTED = 3;
/** Read and written. */
const COPIED = 2;

export function priceStep(structure: StepStructure, rates: MachineRates): StepTime {
  const { passes } = structure;
  const ms = (amount: number, rate: number) => (1e3 * amount) / rate;
  const phase = (name: KernelWork["phase"], ops: number): PhaseTime => {
    const kernels = structure.kernels.filter(({ phase }) => phase === name);
    const all = (count: (kernel: KernelWork) => number) =>
      structure.layers * kernels.reduce((sum, kernel) => sum + count(kernel), 0);
    const converted = all(({ written, read }) => written + read);
    return {
      compute:
        ms(
          all(({ flops }) => flops),
          rates.deviceFlops,
        ) +
        ms(
          all(({ portBytes }) => portBytes),
          rates.portBytes,
        ),
      dispatch: all(() => rates.dispatchMs),
      conversion: ms(CONVERTED * converted, rates.conversionBytes),
      copies: ms(COPIED * all(({ copied }) => copied), rates.copyBytes),
      passes: ms(ops, rates.passOps),
    };
  };
  const forward = phase("forward", passes.forward);
  const backward = phase("backward", passes.backward);
  const classifierProduct = ms(structure.classifierFlops / 2, rates.gemmFlops);
  const lossOps = passes.loss + rates.transposeOps * structure.transposed;
  const loss = ms(lossOps, rates.passOps);
  const captured = ms(COPIED * structure.bytesCaptured, rates.copyBytes);
  const gradients =
    ms(structure.gradientFlops, rates.gradientFlops) +
    ms(CONVERTED * structure.bytesInPlace, rates.conversionBytes);
  const behind = rates.overlap ? phaseMs(backward) + captured + classifierProduct : 0;
  const exposed = Math.max(0, gradients - behind);
  const own = phaseMs(forward) + phaseMs(backward) + 2 * classifierProduct + loss + captured;
  const step = own + exposed;
  return { forward, backward, classifierProduct, loss, captured, gradients, exposed, step };
}

/** All of a phase. */
export function phaseMs(phase: PhaseTime): number {
  return phase.compute + phase.dispatch + trafficMs(phase) + phase.passes;
}

/** Conversion and copies. */
export function trafficMs({ conversion, copies }: PhaseTime): number {
  return conversion + copies;
}
