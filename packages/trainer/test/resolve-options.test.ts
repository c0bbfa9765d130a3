import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeTokenFile } from "@ane/tokenizer-data";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { OptionError } from "../src/errors.js";
import type { TrainOptions } from "../src/options.js";
import { resolveOptions } from "../src/resolve-options.js";
import { kernelsOf, writeRunConfig } from "../src/run-config.js";
import { runPaths } from "../src/run-directory.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { tinyModel, tinyRun } from "./support/tiny-run.js";

function optionError(options: TrainOptions): OptionError {
  try {
    resolveOptions(options);
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return error as OptionError;
  }
  throw new Error("expected an OptionError");
}

/** A run that has been stored, and what it was given. */
function storedRun() {
  const { options, folder } = tinyRun();
  const run = resolveOptions(options);
  mkdirSync(run.directory);
  writeRunConfig(runPaths(run.directory).config, run.config);
  return { options, folder, directory: run.directory, config: run.config };
}

describe("a new run", () => {
  it("has a folder of its own, also where another began in the same second", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-02-03T04:05:06Z") });
    onTestFinished(() => void vi.useRealTimers());
    const { folder, options } = tinyRun();
    const { model, data } = options;
    for (const name of ["tiny-20260203-040506", "tiny-20260203-040506-2"]) {
      const { directory } = resolveOptions({ model: model!, data, runsDirectory: folder });
      expect(directory).toBe(join(folder, name));
      mkdirSync(directory);
    }
  });

  it("fills in the defaults of the specification", () => {
    const { folder, options } = tinyRun();
    const { model, data } = options;
    const { config, directory } = resolveOptions({ model: model!, data, runsDirectory: folder });
    expect(config.recipe).toMatchObject({
      pipeline: "dynamic",
      numerics: "fp16",
      precision: "fp32",
      init: null,
      seq: 32,
      compactVocab: false,
      accum: 10,
      lr: 3e-4,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      clip: 1,
      lossScale: 256,
      seed: 42,
    });
    expect(config.recipe.data.tokens).toBe(4096);
    expect(config.execution).toMatchObject({
      device: "auto",
      steps: 100,
      compileBudget: 119,
      saveEvery: 100,
      validationPath: null,
    });
    expect(directory).toMatch(/ane-trainer-.*\/tiny-\d{8}-\d{6}$/);
  });

  it.each<[TrainOptions, string, string]>([
    [{ steps: 0 }, "steps", "got 0"],
    [{ steps: 1.5 }, "steps", "got 1.5"],
    [{ accum: 0 }, "accum", "got 0"],
    [{ lr: Number.NaN }, "lr", "got NaN"],
    [{ lr: -1 }, "lr", "got -1"],
    [{ beta1: 1 }, "beta1", "got 1"],
    [{ beta2: -0.1 }, "beta2", "got -0.1"],
    [{ epsilon: 0 }, "epsilon", "got 0"],
    [{ weightDecay: -1 }, "weightDecay", "got -1"],
    [{ clip: Number.POSITIVE_INFINITY }, "clip", "got Infinity"],
    [{ lossScale: 0 }, "lossScale", "got 0"],
    [
      { lossScale: "auto" as "dynamic" },
      "lossScale",
      'must be "dynamic" or a finite number above 0',
    ],
    [{ tokens: 1000 }, "tokens", "left out where steps is given"],
    [
      { steps: undefined, tokens: 64, epochs: 1 } as unknown as TrainOptions,
      "epochs",
      "left out where tokens is given, got 1",
    ],
    [{ steps: undefined, epochs: 0 } as unknown as TrainOptions, "epochs", "got 0"],
    [{ minutes: -1 }, "minutes", "got -1"],
    [{ batchTokens: 64 }, "batchTokens", "left out where accum is given, got 64 and accum 2"],
    [
      { accum: undefined, batchTokens: 40 } as unknown as TrainOptions,
      "batchTokens",
      "a multiple of seq = 32, got 40",
    ],
    [{ schedule: "cosin" as "cosine" }, "schedule", "constant, cosine, linear, got cosin"],
    [{ minLr: 1e-4 }, "minLr", "left out with the constant schedule, got 0.0001"],
    [{ decayUpdates: 5 }, "decayUpdates", "left out with the constant schedule"],
    [{ schedule: "cosine", minLr: 1 }, "minLr", "at most lr = 0.01, got 1"],
    [
      { schedule: "cosine", warmup: 4 },
      "warmup",
      "less than the 4 updates of the cosine schedule, got 4",
    ],
    [
      { steps: undefined, minutes: 5, schedule: "linear" } as unknown as TrainOptions,
      "schedule",
      "minutes alone",
    ],
    [{ warmup: 1.5 }, "warmup", "got 1.5"],
    [{ zLoss: -1 }, "zLoss", "got -1"],
    [{ softcap: Number.NaN }, "softcap", "got NaN"],
    [{ softcap: 1e9 }, "softcap", "from 0 to 1000000, got 1000000000"],
    [{ evalEvery: 10 }, "evalEvery", "must have a validation file"],
    [{ seed: 2 ** 32 }, "seed", "got 4294967296"],
    [{ precision: "fp8" as "bf16" }, "precision", "fp32, bf16, got fp8"],
    [{ compactVocab: 1 as unknown as boolean }, "compactVocab", "true, false, got 1"],
    [{ saveEvery: -1 }, "saveEvery", "got -1"],
    [{ compileBudget: 3 }, "compileBudget", "the 4 kernels of the dynamic pipeline, got 3"],
    [{ pipeline: "static", compileBudget: 7 }, "compileBudget", "= 8, got 7"],
    [
      { pipeline: "static", kernels: "handwritten", compileBudget: 11 },
      "compileBudget",
      "= 12, got 11",
    ],
    [{ seq: 48 }, "seq", "multiple of 32, got 48"],
    [{ seq: 0 }, "seq", "got 0"],
    [{ seq: 4096 }, "data", "seq + 1 = 4097"],
    [{ model: "stories111m" }, "model", 'got "stories111m"'],
    [{ init: "/nowhere/model.bin" }, "init", "/nowhere/model.bin"],
    [{ validation: "/nowhere/tokens.bin" }, "validation", "/nowhere/tokens.bin"],
    [{ pipeline: "fixed" } as unknown as TrainOptions, "pipeline", "got fixed"],
    [{ device: "gpu" } as unknown as TrainOptions, "device", "got gpu"],
    [{ lr: "1e-3" } as unknown as TrainOptions, "lr", "got 1e-3"],
    [{ step: 5 } as unknown as TrainOptions, "step", 'got "step"'],
    [{ numerics: "fp32", device: "ane" }, "numerics", "fp32"],
  ])("refuses %o", (bad, option, said) => {
    const { options } = tinyRun();
    const error = optionError({ ...options, ...bad });
    expect(error.option).toBe(option);
    expect(error.message).toContain(`${option}: `);
    expect(error.message).toContain(said);
  });

  it("takes its length and its updates in tokens, epochs or minutes", () => {
    const { steps: _steps, accum: _accum, ...options } = tinyRun().options;
    const resolved = (length: TrainOptions) => {
      const { config } = resolveOptions({ ...options, ...length });
      return [config.execution.steps, config.recipe.accum];
    };
    expect(resolved({ tokens: 1000, batchTokens: 128 })).toEqual([32, 4]); // 31.25 sequences, whole updates
    expect(resolved({ epochs: 2, accum: 1 })).toEqual([256, 1]);
    expect(resolved({ minutes: 5 })).toEqual([Number.MAX_SAFE_INTEGER, 10]);
    expect(resolved({ minutes: 5, steps: 7 })).toEqual([7, 10]);
  });

  it("stores a schedule for its own length", () => {
    const { options } = tinyRun({ schedule: "cosine", warmup: 1 });
    expect(resolveOptions(options).config.recipe).toMatchObject({
      schedule: "cosine",
      warmup: 1,
      minLr: expect.closeTo(1e-3, 12),
      decayUpdates: 4,
    });
  });

  it("refuses more windows than the validation file has", () => {
    const { options } = tinyRun();
    const error = optionError({ ...options, validation: options.data, evalWindows: 128 });
    expect(error.option).toBe("evalWindows");
    expect(error.message).toContain("at most the 127 windows of 32 tokens");
  });

  it("refuses a model that the kernels cannot compute", () => {
    const { options, folder } = tinyRun();
    const model = join(folder, "small-eps.json");
    writeFileSync(model, JSON.stringify({ ...tinyModel, normEps: 1e-9 }));
    const error = optionError({ ...options, model });
    expect(error.option).toBe("model");
    expect(error.message).toContain("normEps");
    expect(resolveOptions({ ...options, model, numerics: "fp32" }).resumed).toBe(false);
  });

  it("refuses token ids that the model does not have", () => {
    const { options } = tinyRun();
    writeTokenFile(options.data, [...Array(100).fill(1), 64], "uint16");
    const error = optionError(options);
    expect(error.option).toBe("data");
    expect(error.message).toContain("got 64");
  });

  it("refuses data that is not there", () => {
    const { options, folder } = tinyRun();
    const error = optionError({ ...options, data: join(folder, "absent.bin") });
    expect(error.message).toContain("data: must be an existing file");
  });

  it("refuses an init file that holds something else", () => {
    const { options, folder } = tinyRun();
    const init = join(folder, "model.bin");
    writeFileSync(init, "not a model");
    expect(optionError({ ...options, init }).option).toBe("init");
  });

  it("refuses a folder that holds a run already", () => {
    const { options } = storedRun();
    const error = optionError(options);
    expect(error.option).toBe("out");
    expect(error.message).toContain("must not hold a run already");
  });

  it("refuses a folder that is a file", () => {
    const { options } = tinyRun();
    expect(optionError({ ...options, out: options.data }).option).toBe("out");
  });
});

describe("a resumed run", () => {
  it("keeps its recipe and may change how it is carried out", () => {
    const { directory, config } = storedRun();
    const resumed = resolveOptions({
      resume: directory,
      steps: 40,
      saveEvery: 7,
      compileBudget: 50,
      device: "auto",
    });
    expect(resumed.resumed).toBe(true);
    expect(resumed.config.recipe).toEqual(config.recipe);
    expect(resumed.config.execution).toEqual({
      ...config.execution,
      steps: 40,
      saveEvery: 7,
      compileBudget: 50,
      device: "auto",
    });
  });

  it("keeps its kernels, hand-written ones where its configuration is from before there were others", () => {
    const { directory, config } = storedRun();
    expect(config.recipe.kernels).toBe("derived");
    expect(optionError({ resume: directory, kernels: "handwritten" }).message).toContain(
      "kernels: a resumed run keeps derived, got handwritten",
    );
    const { kernels: _kernels, ...before } = config.recipe;
    writeRunConfig(runPaths(directory).config, { ...config, recipe: before });
    const resumed = resolveOptions({ resume: directory, kernels: "handwritten" });
    expect(kernelsOf(resumed.config.recipe)).toBe("handwritten");
    expect(optionError({ resume: directory, kernels: "derived" }).option).toBe("kernels");
  });

  it("may be given again what it was started with, its data from another place too", () => {
    const { directory, options, folder, config } = storedRun();
    const { out: _out, ...again } = options;
    expect(resolveOptions({ ...again, resume: directory }).config).toEqual(config);
    const moved = join(folder, "moved.bin");
    writeTokenFile(
      moved,
      Array.from({ length: 100 }, (_, i) => i % 64),
      "uint16",
    );
    expect(optionError({ resume: directory, data: moved }).option).toBe("data");
  });

  it.each<[TrainOptions, string, string]>([
    [{ lr: 1e-3 }, "lr", "keeps 0.01, got 0.001"],
    [{ accum: 3 }, "accum", "keeps 2, got 3"],
    [{ seq: 64 }, "seq", "keeps 32, got 64"],
    [{ seed: 1 }, "seed", "keeps 42, got 1"],
    [{ warmup: 3 }, "warmup", "keeps 0, got 3"],
    [{ schedule: "cosine" }, "schedule", "keeps constant, got cosine"],
    [{ lossScale: "dynamic" }, "lossScale", "keeps 256, got dynamic"],
    [{ batchTokens: 96 }, "batchTokens", "keeps 64, got 96"],
    [{ steps: 40, epochs: 1 }, "epochs", "left out where steps is given"],
    [{ numerics: "fp32" }, "numerics", "keeps fp16, got fp32"],
    [{ compactVocab: true }, "compactVocab", "keeps false, got true"],
    [{ model: "stories15m" }, "model", "tiny with dim 32, got stories15m with dim 288"],
    [{ init: "model.bin" }, "init", "keeps its seed 42, got model.bin"],
    [{ steps: 0 }, "steps", "got 0"],
    [{ pipeline: "static" }, "pipeline", "keeps dynamic, got static"],
    [{ compileBudget: 3 }, "compileBudget", "got 3"],
    [{ out: "elsewhere" }, "out", "must be the resumed folder"],
  ])("refuses %o", (bad, option, said) => {
    const { directory } = storedRun();
    const error = optionError({ resume: directory, ...bad });
    expect(error.option).toBe(option);
    expect(error.message).toContain(said);
  });

  it("refuses data that changed under its name", () => {
    const { directory, options } = storedRun();
    writeTokenFile(options.data, Array(4096).fill(3), "uint16");
    const error = optionError({ resume: directory });
    expect(error.option).toBe("data");
    expect(error.message).toContain("keeps its data");
  });

  it("refuses a folder without a run", () => {
    const error = optionError({ resume: temporaryFolder() });
    expect(error.option).toBe("resume");
    expect(error.message).toContain("config.json");
  });

  it("refuses a configuration that cannot be read", () => {
    const { directory } = storedRun();
    writeFileSync(runPaths(directory).config, "{");
    expect(optionError({ resume: directory }).option).toBe("resume");
    writeFileSync(runPaths(directory).config, '{"version": 2}');
    expect(optionError({ resume: directory }).message).toContain("version 1");
  });
});
