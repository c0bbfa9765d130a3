/** `ane eval` and `ane sample` of runs: models of a module too, and each run with the tokenizer that it was trained with. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTokenizer, writeTokenFile } from "@ane/tokenizer-data";
import { type EvaluationEvent, type TrainOptions, trainInProcess } from "@ane/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { app } from "../src/app.js";
import { propose } from "../src/completion/propose.js";
import { runAne, testContext } from "./test-context.js";

/** Each letter follows from the one before. */
const STORY = "lumberjack. ";

const WORDS = `({ defineLayer, defineModel, project }) => {
  const before = defineLayer({
    name: "before",
    residual: true,
    parameters: { mix: { shape: [32, 32] } },
    forward: (f, { x, w }) => project(f, f.silu({ x }), w.mix, "y"),
  });
  const after = defineLayer({
    name: "after",
    forward(f, { x }) {
      const padded = f.pad({ x, pad: [0, 0, 0, 0, 0, 0, 0, 1], mode: "constant", constant_val: 0 });
      return f.add({ x, y: f.slice_by_size({ x: padded, begin: [0, 0, 0, 1], size: [1, 32, 1, 32] }) });
    },
  });
  return defineModel({
    name: NAME,
    input: { kind: "tokens", vocabulary: 287, dim: 32, length: 32 },
    layers: [NAME === "words" ? before : after],
    head: { kind: "nextToken" },
  });
}`;

const SHADES = `({ defineLayer, defineModel }) => defineModel({
  name: "shades",
  input: { kind: "images", shape: [1, 8, 8], batch: 4 },
  layers: [defineLayer({
    name: "convolution",
    parameters: { weight: { shape: [4, 1, 3, 3], init: "he" } },
    forward: (f, { x, w }) => f.relu({ x: f.conv({ x, weight: w.weight, pad_type: "same" }) }),
  })],
  head: { kind: "label", classes: 3 },
})`;

const llama = { dim: 32, hiddenDim: 64, layers: 1, heads: 4, vocabSize: 287, seqLen: 32 };

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const ane = (line: string) => runAne(line.split(" "), { directory: folder });

/** 287 ids, those of letters last, in the format of llama2.c. @param more Ids beyond. */
function writeLetters(name: string, more = 0): string {
  const bytes = Array.from(Buffer.alloc(256).keys(), (byte) => byte.toString(16).toUpperCase());
  const pieces = [
    ...["<unk>", "\n<s>\n", "\n</s>\n"],
    ...bytes.map((byte) => `<0x${byte.padStart(2, "0")}>`),
    ..." abcdefghijklmnopqrstuvwxyz.",
    ...Array.from({ length: more }, (_, i) => `more${i}`),
  ];
  const records = pieces.map((piece) => {
    const record = Buffer.alloc(8 + piece.length); // a score of 0 before the length
    record.writeInt32LE(piece.length, 4);
    record.write(piece, 8, "latin1");
    return record;
  });
  const longest = Buffer.alloc(4);
  longest.writeInt32LE(Math.max(...pieces.map(({ length }) => length)));
  writeFileSync(at(name), Buffer.concat([longest, ...records]));
  return at(name);
}

/** Images of 8 x 8 of which label 0 is dark, 1 grey and 2 bright, in MNIST's format. */
function writeShades(count: number): string {
  const label = (n: number) => (n * 7) % 3;
  const pixels = Uint8Array.from({ length: 64 * count }, (_, i) => 90 * label(Math.floor(i / 64)));
  const file = (dims: number[], content: Uint8Array) => {
    const header = Buffer.alloc(4 + 4 * dims.length);
    header.set([0, 0, 8, dims.length]);
    dims.forEach((dim, i) => {
      header.writeUInt32BE(dim, 4 + 4 * i);
    });
    return Buffer.concat([header, content]);
  };
  writeFileSync(at("shades-images"), file([count, 8, 8], pixels));
  writeFileSync(
    at("shades-labels"),
    file(
      [count],
      Uint8Array.from({ length: count }, (_, n) => label(n)),
    ),
  );
  return at("shades-images");
}

/** Under runs/ by its name. @returns The evaluation at its end. */
async function train(name: string, options: TrainOptions): Promise<EvaluationEvent | undefined> {
  let evaluation: EvaluationEvent | undefined;
  const common = { device: "cpu", compileBudget: 0, accum: 1, lr: 1e-2, saveEvery: 0 } as const;
  for await (const event of trainInProcess({ ...common, out: at("runs", name), ...options })) {
    if (event.type === "evaluation") evaluation = event;
  }
  return evaluation;
}

const evaluations: Record<string, EvaluationEvent | undefined> = {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ane-trained-"));
  writeFileSync(at("words.mjs"), `export default ${WORDS.replaceAll("NAME", '"words"')};`);
  writeFileSync(at("peeks.mjs"), `export default ${WORDS.replaceAll("NAME", '"peeks"')};`);
  writeFileSync(at("shades.mjs"), `export default ${SHADES};`);
  writeFileSync(at("llama.json"), JSON.stringify(llama));
  const tokenizer = writeLetters("letters.bin");
  writeLetters("more.bin", 3);
  const data = at("story.bin");
  writeTokenFile(data, loadTokenizer(tokenizer).encode(STORY.repeat(60)));
  const text = { data, validation: data, evalWindows: 4, tokenizer };
  evaluations.words = await train("words", { ...text, model: at("words.mjs"), steps: 150 });
  evaluations.llama = await train("llama", { ...text, model: at("llama.json"), steps: 150 });
  await train("plain", { data, model: at("words.mjs"), steps: 1 });
  await train("peeks", { ...text, model: at("peeks.mjs"), steps: 1 });
  const images = { data: writeShades(90), model: at("shades.mjs"), evalWindows: 5 };
  evaluations.shades = await train("shades", { ...images, validation: images.data, steps: 20 });
  await train("unvalidated", { ...images, steps: 1 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refused(line: string, expected: RegExp) {
  const { code, out, err } = await ane(line);
  expect([code, out], err).toEqual([2, ""]);
  expect(err).toMatch(expected);
}

describe("eval", () => {
  it.each([
    ["words", "--windows 4"],
    ["llama", "--windows 4"],
    ["shades", "--windows 5"],
  ])("%s: the numbers of its training", async (name, flags) => {
    const { code, out, err } = await ane(`eval ${name} --json ${flags}`);
    expect([code, err]).toEqual([0, ""]);
    const found = JSON.parse(out);
    const { meanNll, windows, bitsPerByte, accuracy } = evaluations[name]!;
    expect(found).toMatchObject({ meanNll, windows });
    expect([found.bitsPerByte, found.accuracy]).toEqual([bitsPerByte, accuracy]);
  });

  it("says what it took of the run, and what came of it", async () => {
    const words = await ane("eval runs/words");
    expect(words.err).toBe(
      `data: the run's own, ${at("story.bin")}\ntokenizer: the run's own, ${at("letters.bin")}\n`,
    );
    expect(words.out).toMatch(
      /^loss \d\.\d{6} nats per token {3}perplexity \S+ {3}\S+ bits per byte {3}22 windows of 32 in \S+ s\n$/,
    );
    const shades = await ane("eval shades");
    expect(shades.out).toMatch(
      /^loss \S+ nats per label {3}\S+ % of the labels {3}22 batches of 4 images in \S+ s\n$/,
    );
  });

  it("takes other data and another tokenizer where they are given", async () => {
    writeTokenFile(at("other.bin"), loadTokenizer(at("letters.bin")).encode("abc ".repeat(40)));
    const { err, out } = await ane("eval words --data other.bin --tokenizer letters.bin --json");
    expect(err).toBe("");
    expect(JSON.parse(out).meanNll).toBeGreaterThan(evaluations.words!.meanNll);
  });

  it.each([
    ["words --windows 99", /--windows: must be at most the 22 windows of 32 tokens/],
    ["words --seq 64", /--seq: must be the 32 of words, .* got 64/],
    ["words --data absent.bin", /--data: must be an existing file, got .*absent\.bin/],
    ["words --tokenizer more.bin", /--tokenizer: .* 287 ids, got 290 \(more\.bin\)/],
    ["shades --tokenizer more.bin", /--tokenizer: must be left out for a model of images/],
    ["shades --data story.bin", /--data: must be a file with "images" in its name/],
    ["unvalidated", /--data: must be given for shades, which is trained on images/],
    ["plain", /--data: must be given for words, since the embedded stories have/],
  ])("refuses %s", async (line, expected) => {
    await refused(`eval ${line}`, expected);
  });
});

describe("sample", () => {
  it.each(["words", "llama"])("%s: goes on as the text does, in the run's ids", async (name) => {
    const quiet = await ane(`sample ${name} -t 0 -i lumber --quiet`);
    expect(quiet).toEqual({ code: 0, out: `${STORY.repeat(3).slice(0, 31)}\n`, err: "" });
    const said = await ane(`sample runs/${name}/checkpoints/step-00000150.ckpt -t 0 -n 3`);
    expect(said.err).toMatch(/^tokenizer: the run's own, .*letters\.bin\n/);
  });

  it("is drawn from a seed, and said as one object", async () => {
    const draw = async (seed: number) =>
      JSON.parse((await ane(`sample words --json -t 5 -p 1 -s ${seed}`)).out);
    const first = await draw(3);
    expect(first).toMatchObject({ model: "words", prompt: "", seed: 3 });
    expect((await draw(3)).text).toBe(first.text);
    expect((await draw(4)).text).not.toBe(first.text);
  });

  it.each([
    ["words -z more.bin", /--tokenizer: .* 287 ids, got 290 \(more\.bin\)/],
    ["plain", /--tokenizer: .* 287 ids, got 32000 \(the Llama-2 vocabulary, used by default\)/],
    ["shades", /MODEL: only a causal model of text writes text, got shades, a model of images/],
    ["--init peeks", /--init: .* got peeks, in which positions see later ones/],
  ])("refuses %s", async (line, expected) => {
    await refused(`sample ${line}`, expected);
  });
});

it.each(["eval", "sample"])("%s: runs complete by name", async (command) => {
  const proposed = await propose(app, [command, "w"], testContext({ directory: folder }));
  expect(proposed).toMatch(/^words\t/);
});

describe("what a run needs again", () => {
  it.each(["sample words", "sample llama", "eval words", "eval llama"])(
    "%s: its tokenizer, there and of its ids",
    async (line) => {
      renameSync(at("letters.bin"), at("elsewhere.bin"));
      await refused(line, /--tokenizer: the run's own one .*nothing there.* Restore the file/);
      writeLetters("letters.bin", 5);
      await refused(line, /--tokenizer: the run's own one must have the model's 287 ids, got 292/);
      expect((await ane(`${line} --tokenizer elsewhere.bin`)).code).toBe(0);
      renameSync(at("elsewhere.bin"), at("letters.bin"));
    },
  );

  it("its module, as it was", async () => {
    renameSync(at("words.mjs"), at("moved.mjs"));
    await refused(
      "eval words",
      /MODEL: .*the module of the run's model .* must be an existing module/,
    );
    renameSync(at("moved.mjs"), at("words.mjs"));
  });
});
