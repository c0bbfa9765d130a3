/** Texts of a run while it trains: of its present parameters, the same each time, and without a trace in the losses. */
import { describe, expect, it } from "vitest";
import { OptionError, type TrainOptions, trainInProcess } from "../src/index.js";
import { collect, losses, ofType, tinyModel, tinyRun } from "./support/tiny-run.js";

/** With the token ids of Llama 2, whose tokenizer comes along. */
const config = { ...tinyModel, vocabSize: 32000 };
const run = (options: TrainOptions) =>
  collect(trainInProcess(tinyRun({ steps: 8, ...options }, { config, ids: 64 }).options));

describe("samples", () => {
  it("come every so many micro-steps, one for each prompt, and change no loss", async () => {
    const prompts = ["Once", "The big dog"];
    const events = await run({ sampleEvery: 3, samplePrompts: prompts });
    const samples = ofType(events, "sample");
    expect(samples.map(({ step, prompt }) => [step, prompt])).toEqual([
      [3, "Once"],
      [3, "The big dog"],
      [6, "Once"],
      [6, "The big dog"],
    ]);
    for (const { text, prompt, tokens } of samples) {
      expect(text.startsWith(prompt)).toBe(true);
      expect(tokens).toBeGreaterThan(0);
    }
    expect(losses(events)).toEqual(losses(await run({})));
  });

  it("are the same for the same parameters, others for others", async () => {
    const texts = async (options: TrainOptions) =>
      ofType(await run({ sampleEvery: 4, ...options }), "sample").map(({ text }) => text);
    const first = await texts({});
    expect(await texts({})).toEqual(first);
    expect(first[0]).not.toBe(first[1]);
    expect((await texts({ seed: 7 }))[0]).not.toBe(first[0]);
  });

  it("are of the parameters as a resumed run has them", async () => {
    const settings = { sampleEvery: 2, samplePrompts: ["Tom"] };
    const whole = ofType(await run(settings), "sample");
    const { options } = tinyRun({ ...settings, steps: 4 }, { config, ids: 64 });
    await collect(trainInProcess(options));
    const rest = ofType(await collect(trainInProcess({ resume: options.out, steps: 8 })), "sample");
    expect(rest.map(({ step, text }) => [step, text])).toEqual(
      whole.slice(2).map(({ step, text }) => [step, text]),
    );
  });

  it.each([
    [{ sampleEvery: 2 }, "tokenizer", /64 token ids of tiny, got 32000/],
    [{ tokenizer: "/absent/tokenizer.bin" }, "tokenizer", /absent/],
    [{ samplePrompts: [] }, "samplePrompts", /list of texts, got \[\]/],
    [{ sampleEvery: -1 }, "sampleEvery", /at least 0, got -1/],
  ] as const)("are refused before any work with %j", async (options, option, message) => {
    const refused = collect(trainInProcess(tinyRun(options).options));
    await expect(refused).rejects.toThrow(OptionError);
    await expect(refused).rejects.toMatchObject({
      option,
      message: expect.stringMatching(message),
    });
  });
});

describe("bits per byte", () => {
  it("are told where the tokenizer is known: of the embedded stories, or given", async () => {
    const [evaluation] = ofType(
      await run({ validation: "embedded", evalWindows: 2 }),
      "evaluation",
    );
    const bytesPerToken = evaluation!.meanNll / Math.LN2 / evaluation!.bitsPerByte!;
    expect(bytesPerToken).toBeGreaterThan(3);
    expect(bytesPerToken).toBeLessThan(5);
    const { options } = tinyRun({}, { config, ids: 64 });
    const foreign = await collect(
      trainInProcess({ ...options, validation: options.data, evalWindows: 2 }),
    );
    expect(ofType(foreign, "evaluation")[0]).not.toHaveProperty("bitsPerByte");
  });
});
