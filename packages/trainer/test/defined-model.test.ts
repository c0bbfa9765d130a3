/** Runs of models that a module defines: exact resume, restarts, and what is refused. Needs the built worker. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { gradientParts } from "../src/distributed/gradient-parts.js";
import {
  DivergedError,
  readCheckpoint,
  resolveRun,
  type TrainOptions,
  train,
  trainInProcess,
} from "../src/index.js";
import { arenaLayout } from "../src/model-record.js";
import { writeImages } from "./support/images.js";
import { newestSections } from "./support/section-digests.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { collect, losses, ofType, tinyRun } from "./support/tiny-run.js";

const modelPath = (name: string) => fileURLToPath(new URL(`models/${name}.mjs`, import.meta.url));

function textRun(options: TrainOptions = {}) {
  return tinyRun({ model: modelPath("tiny-text"), ...options });
}

function imageRun(options: TrainOptions = {}) {
  const run = tinyRun({ model: modelPath("tiny-images"), ...options });
  return { ...run, options: { ...run.options, data: writeImages(run.folder, 90) } };
}

const settings = { steps: 8, accum: 3, saveEvery: 0 } as const;

describe.each([
  ["text, dynamic", () => textRun({ ...settings, pipeline: "dynamic" })],
  ["text, static", () => textRun({ ...settings, pipeline: "static" })],
  ["text, compact vocabulary", () => textRun({ ...settings, compactVocab: true })],
  ["text, fp32", () => textRun({ ...settings, numerics: "fp32", weightDecay: 0.1 })],
  ["images", () => imageRun(settings)],
] as const)("%s", (_name, newRun) => {
  it("resumes after every micro-step with the bits of a run that never stopped", async () => {
    const undisturbed = newRun().options;
    const expected = losses(await collect(trainInProcess(undisturbed)));
    expect(expected).toHaveLength(8);
    const { options } = newRun();
    const found = losses(await collect(trainInProcess({ ...options, steps: 1 })));
    for (let steps = 2; steps <= settings.steps; steps++) {
      found.push(...losses(await collect(trainInProcess({ resume: options.out, steps }))));
    }
    expect(found).toEqual(expected);
    expect(newestSections(options.out)).toEqual(newestSections(undisturbed.out));
  });

  it("learns", async () => {
    const all = losses(await collect(trainInProcess({ ...newRun().options, steps: 90 })));
    const mean = (part: typeof all) => part.reduce((sum, [, loss]) => sum + loss, 0) / part.length;
    expect(mean(all.slice(-9))).toBeLessThan(0.8 * mean(all.slice(0, 9)));
  });
});

describe("in processes of its own", () => {
  it("has the losses of one process, through restarts for want of compilations", async () => {
    const run = { steps: 7, accum: 2, pipeline: "static", saveEvery: 3 } as const;
    const expected = losses(await collect(trainInProcess(textRun(run).options)));
    const events = await collect(train(textRun({ ...run, compileBudget: 4 }).options));
    expect(losses(events)).toEqual(expected);
    expect(ofType(events, "restart")).toHaveLength(3);
  });

  it("evaluates labels with their accuracy", async () => {
    const { options, folder } = imageRun({ steps: 150, accum: 1, lr: 3e-2, evalWindows: 0 });
    const validation = options.data;
    const events = await collect(train({ ...options, validation, out: join(folder, "other") }));
    const [evaluation] = ofType(events, "evaluation");
    expect(evaluation).toMatchObject({ windows: 22 });
    expect(evaluation!.accuracy).toBeGreaterThan(0.9);
    expect(evaluation!.meanNll).toBeLessThan(0.5);
  });
});

describe("what is refused, before any work", () => {
  it.each([
    ["seq", { seq: 64 }, /^seq: must be the model's 32, got 64\./],
    ["softcap", { softcap: 30 }, /^softcap: must be left out for tiny-text/],
    ["init", { init: "some.bin" }, /^init: must be left out for tiny-text/],
    ["kernels", { kernels: "handwritten" }, /^kernels: must be derived or left out for tiny-text/],
    ["compileBudget", { compileBudget: 3, pipeline: "static" }, /^compileBudget: .* 4 kernels/],
    ["model", { model: "nowhere.mjs" }, /^model: must be an existing module, got nowhere\.mjs/],
  ] as const)("%s", async (_name, options, message) => {
    await expect(collect(trainInProcess(textRun(options).options))).rejects.toThrow(message);
  });

  it("a dynamic pipeline for convolutions, naming layer and parameter", async () => {
    const { options } = imageRun({ pipeline: "dynamic" });
    await expect(collect(trainInProcess(options))).rejects.toThrow(
      /^model: tiny-images, layer 0 "convolution": .*"weight" of \[4,1,3,3\]/,
    );
  });

  it("images without labels, of other dims, or with labels beyond the classes", async () => {
    const { options, folder } = imageRun();
    const labels = join(folder, "tiny-labels-idx1-ubyte");
    const good = readFileSync(labels);
    const run = () => collect(trainInProcess(options));
    writeFileSync(labels, Buffer.concat([good.subarray(0, 8), Buffer.alloc(90, 3)]));
    await expect(run()).rejects.toThrow(/^data: must have labels below 3 for tiny-images, got 3/);
    writeFileSync(labels, Buffer.concat([Buffer.of(0, 0, 8, 1, 0, 0, 0, 2), Buffer.alloc(2)]));
    await expect(run()).rejects.toThrow(/^data: must have 90 labels for tiny-images, got \[2\]/);
    writeFileSync(labels, good.subarray(0, 20));
    await expect(run()).rejects.toThrow(/^data: must be an IDX file, got it must have 98 bytes/);
    writeFileSync(options.data, Buffer.concat([Buffer.of(0, 0, 8, 2), Buffer.alloc(8)]));
    await expect(run()).rejects.toThrow(/must have the dims \[count, 8, 8\] .* got \[0, 0\]/);
  });

  it("a resume with a definition that computes something else", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "model.mjs");
    const source = readFileSync(modelPath("tiny-text"), "utf8").replace(
      "@ane/trainer",
      new URL("../src/index.ts", import.meta.url).href,
    );
    writeFileSync(path, source);
    const { options } = textRun({ model: path, steps: 2 });
    await collect(trainInProcess(options));
    const other = join(folder, "other.mjs");
    const resume = (changed: string) => {
      writeFileSync(other, changed);
      return collect(trainInProcess({ resume: options.out, model: other, steps: 4 }));
    };
    await expect(resume(source.replace("f.silu", "f.relu"))).rejects.toThrow(
      /^model: a resumed run keeps its model tiny-text, got a definition that differs in what its layers compute/,
    );
  });
});

describe("a module outside of any project", () => {
  const layer = `defineLayer({ name: "bias", parameters: { b: { shape: [32] } }, forward: (f, { x, w }) => f.add({ x, y: w.b }) })`;
  const model = `defineModel({
    name: "outside",
    input: { kind: "tokens", vocabulary: 64, dim: 32, length: 32 },
    layers: [${layer}],
    head: { kind: "nextToken" },
  })`;

  /** Losses, or the error. */
  function runOf(source: string) {
    const path = join(temporaryFolder(), "outside.mjs");
    writeFileSync(path, source);
    return collect(train(textRun({ model: path, steps: 2 }).options)).then(losses);
  }

  it("exports a function, which gets what it would import", async () => {
    const source = `export default ({ defineLayer, defineModel }) => ${model};`;
    expect(await runOf(source)).toHaveLength(2);
  });

  it("is told so where it cannot import it", async () => {
    const source = `import { defineLayer, defineModel } from "@ane/trainer"; export default ${model};`;
    await expect(runOf(source)).rejects.toThrow(/^model: .*@ane\/trainer/);
  });

  it("has errors of its function named", async () => {
    const source = `export default ({ defineLayer, defineModel }) => ${model.replace("[32]", "[31]")};`;
    await expect(runOf(source)).rejects.toThrow(
      /^model: model "outside", layer 0 "bias": add: .* got \[1, 32, 1, 32\] and \[1, 31, 1, 1\].* \(in .*outside\.mjs\)/,
    );
  });

  it("exports a model", async () => {
    await expect(runOf("export default 3;")).rejects.toThrow(
      /^model: the module's default export must be a model, got number in .*outside\.mjs/,
    );
  });
});

describe("around a run", () => {
  it("names the layer where values stop being finite, and dumps its kernel", async () => {
    const { options } = textRun({ steps: 20, lr: 1e6, clip: 0, numerics: "fp16" });
    const run = collect(trainInProcess(options));
    await expect(run).rejects.toThrow(DivergedError);
    await expect(run).rejects.toThrow(/(mixFwd|mixBwd) in layer [01] .* Repeat it with/);
  });

  it("refuses its checkpoints where a Llama is wanted", async () => {
    const { options } = textRun({ steps: 1 });
    await collect(trainInProcess(options));
    expect(() => readCheckpoint(options.out)).toThrow(
      /^checkpoint: .* must be a Llama, got tiny-text, which a module defines/,
    );
  });

  it("has each gradient in exactly one part of what ranks exchange", async () => {
    const { config } = await resolveRun(textRun().options);
    const { layers, rest } = gradientParts(config.recipe.model);
    expect(layers).toHaveLength(2);
    const ranges = [...layers.flat(), ...rest].sort(([a], [b]) => a - b);
    const { total } = arenaLayout(config.recipe.model);
    expect(ranges.map(([, end]) => end)).toEqual([...ranges.slice(1).map(([a]) => a), total]);
    expect(ranges[0]![0]).toBe(0);
  });
});
