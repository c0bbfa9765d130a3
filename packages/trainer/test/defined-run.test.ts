/** Runs of models that a module defines, used when training is over: evaluated as in training, and asked for text. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crossEntropyLoss } from "@ane/accel-ops";
import { loadTokenizer, writeTokenFile } from "@ane/tokenizer-data";
import { describe, expect, it } from "vitest";
import { drawParameters } from "../src/draw-parameters.js";
import {
  defineLayer,
  defineModel,
  openDefinedRun,
  RunControl,
  type TrainOptions,
  trainInProcess,
} from "../src/index.js";
import { DefinedForward } from "../src/layers/defined-forward.js";
import { loadDefinition } from "../src/layers/load-definition.js";
import { textRefusal } from "../src/layers/text-refusal.js";
import { WindowDecoder } from "../src/layers/window-decoder.js";
import { arenaLayout } from "../src/model-record.js";
import { writeImages } from "./support/images.js";
import { writeLetters } from "./support/letters.js";
import { newState } from "./support/new-state.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { collect, losses, ofType, tinyRun } from "./support/tiny-run.js";

const modelPath = (name: string) => fileURLToPath(new URL(`models/${name}.mjs`, import.meta.url));

/** Each letter follows from the one before. */
const STORY = "lumberjack. ";

/** A model that has a tokenizer, and a text that says the same again and again. */
function letterRun(options: TrainOptions = {}) {
  const run = tinyRun({ model: modelPath("tiny-letters"), steps: 4, ...options });
  const tokenizer = writeLetters(run.folder);
  const ids = loadTokenizer(tokenizer).encode(STORY.repeat(60));
  writeTokenFile(run.options.data, ids);
  return { ...run, options: { ...run.options, tokenizer } };
}

/** Writes the repeated story. */
const trained = { steps: 160, accum: 1, lr: 1e-2 } as const;

describe("evaluation", () => {
  const ofImages = () => {
    const run = tinyRun({ model: modelPath("tiny-images"), steps: 20, accum: 1 });
    return { ...run, options: { ...run.options, data: writeImages(run.folder, 90) } };
  };

  it.each([
    ["text", letterRun, "bitsPerByte"],
    ["images", ofImages, "accuracy"],
  ] as const)("of %s is that of training, after it", async (_kind, newRun, measure) => {
    const { options } = newRun();
    const held = { validation: options.data, evalWindows: 3 };
    const [event] = ofType(await collect(trainInProcess({ ...options, ...held })), "evaluation");
    expect(event![measure]).toBeGreaterThan(0);
    const run = await openDefinedRun(options.out);
    const again = run!.evaluate({
      validationPath: options.data,
      evalWindows: 3,
      tokenizerPath: run!.config.execution.tokenizerPath ?? null,
    });
    expect(event).toMatchObject({ ...again, ms: expect.any(Number) });
  });

  it("takes as many windows as there are, and no more", async () => {
    const { options, folder } = ofImages();
    await collect(trainInProcess({ ...options, steps: 1 }));
    const run = await openDefinedRun(options.out);
    const evaluate = (validationPath: string, evalWindows: number) =>
      run!.evaluate({ validationPath, evalWindows, tokenizerPath: null });
    expect(evaluate(options.data, 0).windows).toBe(22);
    expect(() => evaluate(options.data, 23)).toThrow(/^evalWindows: .*22 batches of 4 images/);
    expect(() => evaluate(writeImages(folder, 3), 0)).toThrow(
      /^validation: must have the 4 images of a batch for tiny-images, got 3/,
    );
  });

  it("is of the checkpoint that is named, if it is the run's and intact", async () => {
    const { options } = letterRun({ steps: 4, saveEvery: 2 });
    const held = { validation: options.data, evalEvery: 2, evalWindows: 2 };
    const events = await collect(trainInProcess({ ...options, ...held }));
    const first = ofType(events, "checkpoint").find(({ kind }) => kind === "last");
    const [event] = ofType(events, "evaluation");
    const run = await openDefinedRun(first!.path);
    const settings = { validationPath: options.data, evalWindows: 2, tokenizerPath: null };
    expect(run!.evaluate(settings)).toMatchObject({ step: 2, meanNll: event!.meanNll });

    const other = letterRun({ steps: 2, seed: 7 }).options;
    await collect(trainInProcess(other));
    const foreign = join(other.out, "checkpoints", "step-00000009.ckpt");
    copyFileSync(first!.path, foreign);
    await expect(openDefinedRun(other.out)).rejects.toThrow(/step-00000009.*got another's/);
    writeFileSync(foreign, readFileSync(first!.path).subarray(0, 9000));
    await expect(openDefinedRun(foreign)).rejects.toThrow(/must be intact, got a damaged one/);
  });

  it("is none of a Llama, or of a folder without a run", async () => {
    const { options, folder } = tinyRun({ steps: 1 });
    await collect(trainInProcess(options));
    expect(await openDefinedRun(options.out)).toBeUndefined();
    expect(await openDefinedRun(folder)).toBeUndefined();
  });

  it("needs the module as it was", async () => {
    const path = join(temporaryFolder(), "model.mjs");
    const source = (bias: number) => `export default ({ defineLayer, defineModel }) => defineModel({
      name: "outside",
      input: { kind: "tokens", vocabulary: 287, dim: 32, length: 32 },
      layers: [defineLayer({ name: "bias", parameters: { b: { shape: [32] } }, forward: (f, { x, w }) => f.add({ x: f.add({ x, y: w.b }), y: ${bias} }) })],
      head: { kind: "nextToken" },
    })`;
    writeFileSync(path, source(0.5));
    const { options } = letterRun({ model: path, steps: 1 });
    await collect(trainInProcess(options));
    expect(await openDefinedRun(options.out)).toBeDefined();
    rmSync(path);
    await expect(openDefinedRun(options.out)).rejects.toThrow(
      /run: the module of the run's model .* model: must be an existing module, got .*model\.mjs/,
    );
  });
});

describe("text", () => {
  it("comes of the logits of a whole window, bit for bit, at every position", async () => {
    const definition = await loadDefinition(modelPath("tiny-letters"));
    const { seqLen: S, head } = definition.record;
    const state = newState(arenaLayout(definition.record).total);
    drawParameters(definition.record, state.parameters, 3);
    const recipe = { pipeline: "dynamic", numerics: "fp16", precision: "fp32" } as const;
    using forward = new DefinedForward(definition, { ...recipe, zLoss: 0, lossScale: 1 }, state);
    const text = Uint16Array.from({ length: S + 1 }, (_, i) => (i * 37) % head.classes);
    const [inputs, targets] = [text.subarray(0, S), text.subarray(1)];
    const loss = forward.head.loss(forward.run(inputs), targets);
    const stream = forward.run(inputs).slice();
    const decoder = new WindowDecoder(forward, S);
    const logits = new Float32Array(S * head.classes);
    for (let s = 0; s < S; s++) {
      const row = decoder.forward([inputs[s]!], s).slice();
      logits.set(row, s * head.classes);
      if ("logits" in forward.head) expect(row).toEqual(forward.head.logits(stream, s));
    }
    const rows = { logits, targets, rows: S, classes: head.classes };
    expect(crossEntropyLoss(rows)).toBe(loss);
  });

  it("goes on with the text that the model has learned", async () => {
    const { options } = letterRun(trained);
    await collect(trainInProcess(options));
    const run = await openDefinedRun(options.out);
    const tokenizer = loadTokenizer(options.tokenizer);
    const promptTokens = tokenizer.encode("lumber");
    const greedy = { promptTokens, temperature: 0, seed: 1 };
    const text = tokenizer.decode([promptTokens[0]!, ...run!.write(greedy)]);
    expect(text).toBe(STORY.repeat(3).slice(0, 31)); // a window's 32 tokens after BOS and its space
    expect([...run!.write({ ...greedy, steps: 12 })]).toHaveLength(12);
    const drawn = (seed: number) => [
      ...run!.write({ promptTokens, temperature: 5, topP: 1, seed }),
    ];
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(3)).not.toEqual(drawn(4));
  });

  it("comes while the run trains, regularly and when asked for, and changes no loss", async () => {
    const control = new RunControl();
    const { options } = letterRun({ ...trained, sampleEvery: 160, samplePrompts: ["lum"] });
    const events = [];
    for await (const event of trainInProcess({ ...options, control })) {
      events.push(event);
      if (event.type === "step" && event.step === 3) control.request("sample");
    }
    const [asked, regular] = ofType(events, "sample");
    expect(asked).toMatchObject({ prompt: "lum", tokens: 28 });
    expect(asked!.text.startsWith("lum")).toBe(true);
    expect(regular).toMatchObject({ step: 160, text: STORY.repeat(3).slice(0, 31) });
    const alone = await collect(trainInProcess(letterRun(trained).options));
    expect(losses(events)).toEqual(losses(alone));
  });
});

describe("a model that writes no text", () => {
  it("is told by its images, or by positions that see later ones, however it begins", async () => {
    const refusalOf = async (name: string) => textRefusal(await loadDefinition(modelPath(name)));
    expect(await refusalOf("tiny-text")).toBeUndefined();
    expect(await refusalOf("tiny-images")).toMatch(/got tiny-images, a model of images$/);
    expect(await refusalOf("two-sided")).toMatch(/got two-sided, in which positions see later/);
  });

  it("is not taken for one where the trial has no numbers", () => {
    const log = defineLayer({ name: "log", forward: (f, { x }) => f.log({ x }) });
    const definition = defineModel({
      name: "logs",
      input: { kind: "tokens", vocabulary: 64, dim: 32, length: 32 },
      layers: [log],
      head: { kind: "nextToken" },
    });
    expect(textRefusal(definition)).toBeUndefined();
  });

  it("is refused samples before any work, and while it trains without harm", async () => {
    const two = { model: modelPath("two-sided") };
    const refused = collect(trainInProcess(letterRun({ ...two, sampleEvery: 2 }).options));
    await expect(refused).rejects.toMatchObject({
      option: "sampleEvery",
      message: expect.stringMatching(/only a causal model .* two-sided/),
    });
    const control = new RunControl();
    const events = [];
    for await (const event of trainInProcess({ ...letterRun(two).options, control })) {
      events.push(event);
      if (event.type === "step" && event.step === 1) control.request("sample");
    }
    expect(ofType(events, "request")[0]!.refused).toMatch(/two-sided/);
    expect(ofType(events, "sample")).toEqual([]);
    expect(ofType(events, "done")).toHaveLength(1);
  });
});
