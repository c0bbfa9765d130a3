/** Rules that new and resumed runs share. */
import { existsSync, statSync } from "node:fs";
import { kernelConfig, type LlamaConfig } from "@ane/llama-model";
import { qkvBwd } from "@ane/mil-builder";
import { OptionError } from "./errors.js";
import { messageOf } from "./input-files.js";
import { runPaths } from "./run-directory.js";

/** Kernels per layer: fwdAttn, fwdFFN, ffnBwd, sdpaBwd1, sdpaBwd2, qkvBwd. */
const KERNELS_PER_LAYER = 6;

/** @throws OptionError if the folder holds a run or is not a folder. */
export function expectNoRun(directory: string): void {
  if (existsSync(directory) && !statSync(directory).isDirectory()) {
    throw new OptionError("out", `must be a folder, got the file ${directory}. Choose another.`);
  }
  if (existsSync(runPaths(directory).config)) {
    throw new OptionError(
      "out",
      `must not hold a run already, got ${directory}. Continue that run with resume, or choose another folder.`,
    );
  }
}

/** The engine computes in fp16 only. @throws OptionError */
export function expectCpuForFp32(numerics: string, device: string): void {
  if (numerics === "fp32" && device === "ane") {
    throw new OptionError(
      "numerics",
      'must be fp16 on the ane device, got fp32. Use device "cpu", which fp32 is for.',
    );
  }
}

/** @throws OptionError if one process could not compile the kernels of a single update. */
export function expectBudgetForLayers(compileBudget: number, layers: number): void {
  const needed = KERNELS_PER_LAYER * layers;
  if (compileBudget !== 0 && compileBudget < needed) {
    throw new OptionError(
      "compileBudget",
      `must be 0 or at least ${KERNELS_PER_LAYER} kernels x ${layers} layers = ${needed}, got ${compileBudget}. One update's kernels must fit into one process.`,
    );
  }
}

/** What kernels demand beyond a model: any of the six would say so. @throws OptionError */
export function expectKernels(model: LlamaConfig, seq: number, numerics: "fp16" | "fp32"): void {
  try {
    qkvBwd(kernelConfig(model, { seqLen: seq, dtype: numerics }));
  } catch (cause) {
    throw new OptionError("model", messageOf(cause), { cause });
  }
}
