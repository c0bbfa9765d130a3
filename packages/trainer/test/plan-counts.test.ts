/** What a plan counts, against the counters and the surfaces of the running pipelines. */
import { openDevice } from "@ane/ane-runtime";
import { type LlamaConfig, resolveConfig } from "@ane/llama-model";
import { describe, expect, it, vi } from "vitest";
import type { PipelineName } from "../src/events.js";
import { ourStructure } from "../src/plan/our-pipelines.js";
import { planMemory } from "../src/plan/plan-memory.js";
import { structureCounts } from "../src/plan/step-structure.js";
import type { KernelSource } from "../src/run-config.js";
import { countMicroStep } from "./support/count-micro-step.js";
import { tinyModel } from "./support/tiny-run.js";

/** Runs a micro-step on surfaces that are measured. */
function run(pipelineName: PipelineName, model: LlamaConfig, kernels: KernelSource) {
  using device = openDevice("cpu", { compileBudget: 0 });
  const createSurface = vi.spyOn(device, "createSurface");
  const counted = countMicroStep(device, pipelineName, model, kernels);
  const surfaceBytes = createSurface.mock.results
    .map(({ value }) => value.byteLength as number)
    .reduce((sum, bytes) => sum + bytes, 0);
  return { ...counted, surfaceBytes };
}

const withHeadNorms = { ...tinyModel, name: "tiny-qwen", qkNorm: true, layers: 3 };
const shortStories = { ...resolveConfig("stories110m"), layers: 1, vocabSize: 64 };

const CASES: readonly { pipeline: PipelineName; model: LlamaConfig }[] = [
  { pipeline: "static", model: tinyModel },
  { pipeline: "dynamic", model: tinyModel },
  { pipeline: "dynamic", model: withHeadNorms },
  { pipeline: "static", model: shortStories },
  { pipeline: "dynamic", model: shortStories },
];

describe.each(CASES)("the $pipeline pipeline of $model.name", ({ pipeline, model }) => {
  it.each(["handwritten", "derived"] as const)("is counted as it runs, %s kernels", (kernels) => {
    const { seqLen: S, vocabSize: C } = model;
    const structure = ourStructure(pipeline, model, S, C, kernels);
    const { step, first, perUpdate, staged, surfaceBytes } = run(pipeline, model, kernels);
    expect(structureCounts(structure)).toEqual(step);
    expect(structure.compilations).toEqual({ first, perUpdate });
    expect(structure.stagedBytes).toBe(staged.bytesWritten);
    expect(planMemory(model, S, C, structure).surfaces).toBe(surfaceBytes);
  });
});
