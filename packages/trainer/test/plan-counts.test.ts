/** What a plan counts, against the counters and the surfaces of the running pipelines. */
import { openDevice } from "@ane/ane-runtime";
import { type LlamaConfig, Parameters, parameterLayout, resolveConfig } from "@ane/llama-model";
import { describe, expect, it, vi } from "vitest";
import type { PipelineName } from "../src/events.js";
import { openPipeline } from "../src/open-pipeline.js";
import { ourStructure } from "../src/plan/our-pipelines.js";
import { planMemory } from "../src/plan/plan-memory.js";
import { structureCounts } from "../src/plan/step-structure.js";
import type { Recipe } from "../src/run-config.js";
import { StepClock } from "../src/step-clock.js";
import { newState } from "./support/new-state.js";
import { tinyModel } from "./support/tiny-run.js";

/** Runs a micro-step; all gains are 1, all else is 0. */
function run(pipelineName: PipelineName, model: LlamaConfig) {
  const S = model.seqLen;
  const recipe = {
    model,
    pipeline: pipelineName,
    seq: S,
    numerics: "fp16",
    lossScale: 1,
  } as Recipe;
  using device = openDevice("cpu", { compileBudget: 0 });
  const createSurface = vi.spyOn(device, "createSurface");
  const state = newState(parameterLayout(model).total);
  const parameters = new Parameters(model, state.parameters);
  for (const { name, decay } of parameters.layout.entries) {
    if (!decay) parameters.view(name).fill(1);
  }
  using pipeline = openPipeline(device, recipe, state);
  const surfaceBytes = createSurface.mock.results
    .map(({ value }) => value.byteLength as number)
    .reduce((sum, bytes) => sum + bytes, 0);
  const first = pipeline.prepare();
  const staged = pipeline.counters.take();
  const tokens = new Uint16Array(S + 1);
  pipeline.microStep(tokens.subarray(0, S), tokens.subarray(1), new StepClock(), false);
  const counts = pipeline.counters.take();
  return {
    first,
    perUpdate: pipeline.prepare(),
    stagedBytes: staged.bytesWritten,
    counts,
    surfaceBytes,
  };
}

const withHeadNorms = { ...tinyModel, name: "tiny-qwen", qkNorm: true, layers: 3 };
const shortStories = { ...resolveConfig("stories110m"), layers: 1, vocabSize: 64 };

describe.each<{ pipeline: PipelineName; model: LlamaConfig }>([
  { pipeline: "static", model: tinyModel },
  { pipeline: "dynamic", model: tinyModel },
  { pipeline: "dynamic", model: withHeadNorms },
  { pipeline: "static", model: shortStories },
  { pipeline: "dynamic", model: shortStories },
])("the $pipeline pipeline of $model.name", ({ pipeline, model }) => {
  it("is counted as it runs", () => {
    const { seqLen: S, vocabSize: C } = model;
    const structure = ourStructure(pipeline, model, S, C);
    const { counts, first, perUpdate, stagedBytes, surfaceBytes } = run(pipeline, model);
    expect(structureCounts(structure)).toEqual(counts);
    expect(structure.compilations).toEqual({ first, perUpdate });
    expect(structure.stagedBytes).toBe(stagedBytes);
    expect(planMemory(model, S, C, structure).surfaces).toBe(surfaceBytes);
  });
});
