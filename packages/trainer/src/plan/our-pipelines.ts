/**
 * The structure of our pipelines' micro-step, taken from the kernels: operations from their programs, bytes from their ports
 * and slots. Which slots the CPU writes, reads and copies, and which pairs of slots give a dW, is what *-attention.ts and *-ffn.ts
 * do; a test holds both against the counters of the running pipelines. S = sequence, C = classes of the loss.
 */
import { kernelConfig, type LlamaConfig } from "@ane/llama-model";
import { dynamicKernels, type Kernel, llamaKernels, type Slot } from "@ane/mil-builder";
import type { PipelineName } from "../events.js";
import { LAYERS_IN_FLIGHT } from "../residual-block.js";
import type { KernelSource } from "../run-config.js";
import { PER_ELEMENT } from "../step-counters.js";
import { derivedLayer } from "./derived-layer.js";
import {
  FP16_BYTES,
  inputBytes,
  outputBytes,
  portBytes,
  slotBytes,
  stagedSlots,
  sumOf,
  work,
} from "./kernel-work.js";
import type { StepStructure } from "./step-structure.js";

/** A structure, and the memory that its pipeline takes beside the state. */
export interface OurStructure extends StepStructure {
  readonly memory: {
    /** Surfaces of all layers. */
    readonly surfaces: number;
    /** fp16 weight files of the kernels: once on our side, once with the device. */
    readonly weightFiles: number;
  };
}

/** dW[out, in] of the gradient of out and the input, each where it lies. */
export type GradientOperands = readonly [dOut: Slot, x: Slot];

/** @throws KernelConfigError where the pipeline has no kernels for the model */
export function ourStructure(
  pipeline: PipelineName,
  model: LlamaConfig,
  S: number,
  C: number,
  kernels: KernelSource = "handwritten",
): OurStructure {
  const { layers: L, dim: D } = model;
  const config = kernelConfig(model, { seqLen: S, dtype: "fp16" });
  const layer =
    kernels === "derived"
      ? derivedLayer(config, pipeline, L)
      : pipeline === "static"
        ? staticLayer(config, L)
        : dynamicLayer(config, L);
  const normForwards = pipeline === "static" ? 0 : 2;
  const { gradients } = layer;
  const classifier = 2 * S * D * C;
  return {
    ...layer,
    layers: L,
    passes: {
      forward:
        S * D * (L * (2 * PER_ELEMENT.add + normForwards * PER_ELEMENT.rmsNormForward)) +
        S * D * PER_ELEMENT.rmsNormForward,
      loss: PER_ELEMENT.crossEntropy * S * C,
      backward: S * D * (2 * L + 1) * PER_ELEMENT.rmsNormBackward,
    },
    transposed: 0,
    classifierFlops: 2 * classifier,
    gradientFlops: L * sumOf(gradients, ([dOut, x]) => 2 * S * dOut.size * x.size) + classifier,
    bytesInPlace: L * sumOf(gradients, ([dOut, x]) => (dOut.size + x.size) * S * FP16_BYTES),
    bytesCaptured: 0,
  };
}

type Config = Parameters<typeof llamaKernels>[0];

/** What a structure has of its layers. */
export type LayerStructure = Pick<
  OurStructure,
  "kernels" | "compilations" | "stagedBytes" | "memory"
> & {
  readonly gradients: readonly GradientOperands[];
};

function staticLayer(config: Config, L: number): LayerStructure {
  const all = llamaKernels(config);
  const { fwdAttn, fwdFFN, ffnBwd, sdpaBwd1, sdpaBwd2, qkvBwd } = all;
  const kernels: readonly Kernel[] = Object.values(all);
  const withWeights = kernels.filter(({ weights }) => Object.keys(weights).length > 0);
  const weights = withWeights.flatMap((kernel) => Object.values(kernel.weights));
  return {
    kernels: [
      work(fwdAttn, "forward", { written: ["x"], read: ["o"] }),
      work(fwdFFN, "forward", { written: ["x"], read: ["y"] }),
      work(ffnBwd, "backward", { written: ["dy"], copied: ["h1", "h3"], read: ["dx"] }),
      work(sdpaBwd1, "backward", { written: ["do"], copied: ["q", "k", "v"] }),
      work(sdpaBwd2, "backward", { copied: ["probs", "dp", "q", "k"] }),
      work(qkvBwd, "backward", { copied: ["dq", "dk", "dv"], read: ["dx"] }),
    ],
    gradients: [
      [ffnBwd.inputs.dy, fwdFFN.outputs.gate],
      [ffnBwd.outputs.dh1, fwdFFN.outputs.xn],
      [ffnBwd.outputs.dh3, fwdFFN.outputs.xn],
      [sdpaBwd1.inputs.do, fwdAttn.outputs.a],
      [qkvBwd.inputs.dq, fwdAttn.outputs.xn],
      [qkvBwd.inputs.dk, fwdAttn.outputs.xn],
      [qkvBwd.inputs.dv, fwdAttn.outputs.xn],
    ],
    compilations: { first: kernels.length * L, perUpdate: withWeights.length * L },
    stagedBytes: 0,
    memory: {
      // static-stages.ts: outputs of the forward kernels in each layer, what dW reads in each layer in flight, the rest once
      surfaces:
        L * (outputBytes(fwdAttn) + outputBytes(fwdFFN)) +
        LAYERS_IN_FLIGHT * (portBytes(ffnBwd) + inputBytes(sdpaBwd1) + inputBytes(qkvBwd)) +
        inputBytes(fwdAttn) +
        outputBytes(sdpaBwd1) +
        portBytes(sdpaBwd2) +
        outputBytes(qkvBwd),
      weightFiles:
        L * sumOf(weights, ({ shape }) => FP16_BYTES * shape.reduce((product, n) => product * n)),
    },
  };
}

function dynamicLayer(config: Config, L: number): LayerStructure {
  const { attnFwd, ffnFwd, ffnBwd, attnBwd } = dynamicKernels(config);
  const norms = attnBwd.headNorms ? Object.values(attnBwd.headNorms) : [];
  const staged = [
    ...stagedSlots(attnFwd),
    ...stagedSlots(ffnFwd),
    ...norms.map(({ gains }) => gains),
  ];
  const attention = work(attnBwd, "backward", {
    written: ["do"],
    copied: ["q", "k", "v"],
    read: ["dx"],
  });
  return {
    kernels: [
      work(attnFwd, "forward", { written: ["xn"], read: ["o"] }),
      work(ffnFwd, "forward", { written: ["xn"], read: ["y"] }),
      work(ffnBwd, "backward", { written: ["dy"], copied: ["h1", "h3"], read: ["dx"] }),
      { ...attention, read: attention.read + sumOf(norms, ({ dGains }) => slotBytes(dGains)) },
    ],
    gradients: [
      [ffnBwd.inputs.dy, ffnFwd.outputs.gate],
      [ffnBwd.outputs.dh1, ffnFwd.inputs.xn],
      [ffnBwd.outputs.dh3, ffnFwd.inputs.xn],
      [attnBwd.inputs.do, attnFwd.outputs.a],
      [attnBwd.outputs.dq, attnFwd.inputs.xn],
      [attnBwd.outputs.dk, attnFwd.inputs.xn],
      [attnBwd.outputs.dv, attnFwd.inputs.xn],
    ],
    compilations: { first: 4, perUpdate: 0 },
    stagedBytes: L * sumOf(staged, slotBytes),
    memory: {
      // dynamic-stages.ts: an input surface per block and the outputs of its forward kernel in each layer
      surfaces:
        L * (portBytes(attnFwd) + portBytes(ffnFwd)) +
        LAYERS_IN_FLIGHT * (outputBytes(ffnBwd) + outputBytes(attnBwd)),
      weightFiles: 0,
    },
  };
}
