/** Rules that new and resumed runs share. */
import { existsSync, statSync } from "node:fs";
import { cpuInfo } from "@ane/accel-ops";
import { kernelConfig, type LlamaConfig } from "@ane/llama-model";
import { dynamicKernels, fwdAttn } from "@ane/mil-builder";
import { evaluationWindows, identifyData } from "./data-identity.js";
import { OptionError } from "./errors.js";
import { messageOf } from "./input-files.js";
import { isImageModel, type ModelRecord } from "./model-record.js";
import { type Execution, kernelsOf, type Recipe } from "./run-config.js";
import { runPaths } from "./run-directory.js";

/** fwdAttn, fwdFFN, ffnBwd, sdpaBwd1, sdpaBwd2, qkvBwd of every layer; derived, forward and backward of each half. */
const STATIC_KERNELS_PER_LAYER = { handwritten: 6, derived: 4 } as const;

/** attnFwd, ffnFwd, ffnBwd, attnBwd, shared by all layers. */
const DYNAMIC_KERNELS = 4;

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

/** @throws OptionError where the processor has no bf16 products */
export function expectPrecision(precision: string): void {
  const { features, arch, isa } = cpuInfo();
  if (precision !== "bf16" || features.includes("bf16")) return;
  throw new OptionError(
    "precision",
    `must be fp32 on a processor without bf16 products, got bf16 on ${arch} with ${isa} (${features.join(", ")}). Leave the option out.`,
  );
}

/** @throws OptionError if one process could not compile the kernels of a single update. */
export function expectBudget(
  compileBudget: number,
  recipe: Pick<Recipe, "model" | "pipeline" | "kernels" | "optimizer">,
  layers: number,
): void {
  const { pipeline, optimizer } = recipe;
  const isStatic = pipeline === "static";
  const perLayer = STATIC_KERNELS_PER_LAYER[kernelsOf(recipe)];
  const ofPipeline = isStatic ? perLayer * layers : DYNAMIC_KERNELS;
  const ofOptimizer = optimizer === "cpu" ? 0 : 1;
  const needed = ofPipeline + ofOptimizer;
  if (compileBudget !== 0 && compileBudget < needed) {
    const more = ofOptimizer > 0 ? ` and ${ofOptimizer} of the optimizer` : "";
    const kernels = isStatic
      ? `${perLayer} kernels x ${layers} layers = ${ofPipeline}${more}`
      : `the ${ofPipeline} kernels of the dynamic pipeline${more}`;
    throw new OptionError(
      "compileBudget",
      `must be 0 or at least ${kernels}, got ${compileBudget}. One update's kernels must fit into one process.`,
    );
  }
}

/** What the pipeline's kernels demand beyond a model. @throws OptionError */
export function expectKernels(
  model: LlamaConfig,
  seqLen: number,
  dtype: "fp16" | "fp32",
  pipeline: Recipe["pipeline"],
): void {
  if (pipeline === "static" && model.qkNorm) {
    throw new OptionError(
      "pipeline",
      `must be dynamic for ${model.name}, whose query and key heads have norms, got static. Leave the option out.`,
    );
  }
  try {
    const config = kernelConfig(model, { seqLen, dtype });
    if (pipeline === "dynamic") dynamicKernels(config);
    else fwdAttn(config); // the other static ones say no more
  } catch (cause) {
    // Masks and scores have S x S elements.
    if (cause instanceof RangeError) {
      throw new OptionError(
        "seq",
        `must be short enough for masks of seq x seq elements, got ${seqLen} (${cause.message}). Choose a shorter one.`,
        { cause },
      );
    }
    throw new OptionError("model", messageOf(cause), { cause });
  }
}

/**
 * What is evaluated must be there, and as much as is asked for.
 * @param windows As given: without it, a short file is evaluated as far as it goes.
 * @throws OptionError
 */
export function expectEvaluation(
  { validationPath, evalEvery }: Pick<Execution, "validationPath" | "evalEvery">,
  windows: number | undefined,
  model: ModelRecord,
  seq: number,
): void {
  if (validationPath === null) {
    if (evalEvery === 0) return;
    throw new OptionError(
      "evalEvery",
      `must have a validation file to evaluate, got ${evalEvery} without one. Give validation.`,
    );
  }
  const identity = identifyData("validation", validationPath, model, seq);
  const available = evaluationWindows(model, identity, seq);
  const unit = isImageModel(model) ? `batches of ${seq} images` : `windows of ${seq} tokens`;
  if (available === 0) {
    throw new OptionError(
      "validation",
      `must have the ${seq} images of a batch for ${model.name}, got ${identity.tokens}. Give more.`,
    );
  }
  if (windows !== undefined && windows > available) {
    throw new OptionError(
      "evalWindows",
      `must be at most the ${available} ${unit} in the validation file, got ${windows}. 0 takes all.`,
    );
  }
}
