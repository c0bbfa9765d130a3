/** Model folders that transformers wrote (tools/fixtures/hugging_face_models.py), and our own. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  evaluateLoss,
  FormatError,
  presets,
  readHuggingFace,
  readLlamaBin,
  readModel,
  WindowForward,
  writeHuggingFace,
  writeLlamaBin,
} from "../src/index.js";
import { need, randomParameters, storable, stories15M, tiny } from "./support/models.js";

interface Expected {
  readonly tokens: number[];
  readonly loss: number;
  readonly logits: number[][];
}

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hugging-face-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each(["llama-gqa", "qwen3"])("the %s folder of transformers", (name) => {
  const expected = JSON.parse(
    readFileSync(join(fixture(name), "expected.json"), "utf8"),
  ) as Expected;

  it("gives the logits and the loss of transformers", () => {
    const { parameters, config } = readHuggingFace(fixture(name));
    expect(config.name).toBe(name);
    expect(config.qkNorm).toBe(name === "qwen3");
    const logits = new WindowForward(parameters, expected.tokens.length).forward(expected.tokens);
    const flat = expected.logits.flat();
    expect(Math.max(...flat)).toBeGreaterThan(1);
    const worst = flat.reduce((max, value, i) => Math.max(max, Math.abs(value - logits[i]!)), 0);
    expect(worst).toBeLessThan(2e-5);
    const { meanNll } = evaluateLoss(parameters, Uint32Array.from(expected.tokens), {
      seqLen: expected.tokens.length - 1,
    });
    expect(meanNll).toBeCloseTo(expected.loss, 5);
  });

  it("is written again with the same tensors and configuration", () => {
    const read = readHuggingFace(fixture(name));
    const copy = join(folder, "copy");
    writeHuggingFace(copy, read.parameters, { dtype: name === "qwen3" ? "F32" : "BF16" });
    expect(readdirSync(copy).sort()).toEqual(["config.json", "model.safetensors"]);
    const again = readModel(copy);
    expect(again.config).toEqual({ ...read.config, name: "copy" });
    expect(again.parameters.data).toEqual(read.parameters.data);
  });
});

it("stores q and k in half-split order: head rows 0, 2, … then 1, 3, …", () => {
  const parameters = randomParameters(tiny);
  writeHuggingFace(folder, parameters);
  const bytes = readFileSync(join(folder, "model.safetensors"));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const table = JSON.parse(bytes.toString("utf8", 8, 8 + headerBytes)) as Record<
    string,
    { data_offsets: [number, number]; shape: number[] }
  >;
  const entry = table["model.layers.1.self_attn.k_proj.weight"]!;
  expect(entry.shape).toEqual([8, 20]);
  const row = (index: number) =>
    bytes.readFloatLE(8 + headerBytes + entry.data_offsets[0] + index * 20 * 4);
  const k = parameters.layer(1).wk;
  // The second head of k has rows 4 … 7.
  expect([row(4), row(5), row(6), row(7)]).toEqual([k[4 * 20], k[6 * 20], k[5 * 20], k[7 * 20]]);
});

it("passes between llama2.c's file and a folder without changing a bit", (context) => {
  const official = stories15M();
  const copy = join(folder, "copy.bin");
  const source = official.missing ? join(folder, "random.bin") : official.path;
  if (official.missing) writeLlamaBin(source, randomParameters(storable));
  const { parameters, rotaryTables } = readLlamaBin(source);
  writeHuggingFace(join(folder, "hf"), parameters);
  writeLlamaBin(copy, readModel(join(folder, "hf")).parameters, { rotaryTables });
  expect(readFileSync(copy).equals(readFileSync(source))).toBe(true);
  need(context, official);
});

it("rounds to F16 and BF16 to nearest even", () => {
  const parameters = randomParameters(storable);
  for (const [dtype, bits] of [
    ["F16", 11],
    ["BF16", 8],
  ] as const) {
    writeHuggingFace(folder, parameters, { dtype });
    const { data } = readHuggingFace(folder).parameters;
    const relative = data.map(
      (x, i) => Math.abs(x - parameters.data[i]!) / Math.max(2 ** -14, Math.abs(x)),
    );
    const worst = relative.reduce((max, x) => Math.max(max, x), 0);
    expect(worst).toBeGreaterThan(2 ** -(bits + 1));
    expect(worst).toBeLessThanOrEqual(2 ** -bits * 1.01);
  }
});

it("knows Qwen3-0.6B and TinyLlama-1.1B by their published dims", () => {
  const counts = Object.fromEntries(
    (["qwen3-0.6b", "tinyllama-1.1b"] as const).map((name) => {
      const { dim, hiddenDim, layers, heads, kvHeads, headDim, vocabSize, ...rest } = presets[name];
      const attention = 2 * dim * headDim * (heads + kvHeads) + (rest.qkNorm ? 2 * headDim : 0);
      const layer = attention + 3 * dim * hiddenDim + 2 * dim;
      return [name, layers * layer + dim + vocabSize * dim * (rest.tiedEmbeddings ? 1 : 2)];
    }),
  );
  expect(counts).toEqual({ "qwen3-0.6b": 596_049_920, "tinyllama-1.1b": 1_100_048_384 });
});

it("writeHuggingFace refuses bounded logits, which transformers would leave out", () => {
  const parameters = randomParameters({ ...tiny, logitSoftcap: 30 });
  expect(() => writeHuggingFace(folder, parameters)).toThrow(/logitSoftcap 0, got 30/);
  expect(readdirSync(folder)).toEqual([]);
});

describe("readHuggingFace refuses", () => {
  const refused = () => {
    try {
      readHuggingFace(folder);
    } catch (error) {
      if (error instanceof FormatError) return error.message;
      throw error;
    }
    throw new Error("expected a FormatError");
  };
  const changeConfig = (change: Record<string, unknown>) => {
    const path = join(folder, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...config, ...change }));
  };
  const weights = () => join(folder, "model.safetensors");
  beforeEach(() => cpSync(fixture("qwen3"), folder, { recursive: true }));

  it.each([
    [{ architectures: ["MistralForCausalLM"] }, "got MistralForCausalLM"],
    [{ hidden_act: "gelu" }, 'hidden_act must be "silu", got "gelu"'],
    [{ final_logit_softcapping: 30 }, "final_logit_softcapping must be null, got 30"],
    [{ attention_bias: true }, "attention_bias must be false, got true"],
    [{ rope_scaling: { type: "linear" } }, "rope_scaling must be null"],
    [{ rope_parameters: { rope_type: "yarn" } }, 'rope_type must be "default", got "yarn"'],
    [{ rope_parameters: { type: "linear", factor: 2 } }, 'type must be "default", got "linear"'],
    [{ rope_parameters: { factor: 2 } }, "rope_parameters.factor must be null, got 2"],
    [
      { rope_parameters: { partial_rotary_factor: 0.5 } },
      "partial_rotary_factor must be 1, got 0.5",
    ],
    [{ rope_parameters: { full_attention: {} } }, "rope_parameters.full_attention must be null"],
    [{ rope_parameters: "default" }, 'rope_parameters must be {}, got "default"'],
    [{ rope_theta: 5, rope_parameters: { rope_theta: 7 } }, "rope_theta must be 7, got 5"],
    [{ head_dim: undefined }, "must have shape [768, 24] by config.json"], // 6 heads of 128
    [{ layer_types: ["full_attention", "sliding_attention"] }, 'must be "full_attention"'],
    [{ num_hidden_layers: 3 }, '"model.layers.2.input_layernorm.weight" of shape [24], got none'],
    [{ num_hidden_layers: 1 }, 'no tensor "model.layers.1.'],
    [{ intermediate_size: 44 }, "must have shape [44, 24] by config.json, got [40, 24]"],
    [{ architectures: ["LlamaForCausalLM"] }, 'no tensor "model.layers.0.self_attn.k_norm.weight"'],
    [{ tie_word_embeddings: false }, '"lm_head.weight" of shape [48, 24], got none'],
  ])("a config.json with %j", (change, message) => {
    changeConfig(change);
    expect(refused()).toContain(message);
  });

  it("a file that was cut, lengthened, or is something else", () => {
    const bytes = readFileSync(weights());
    writeFileSync(weights(), bytes.subarray(0, bytes.length - 4));
    expect(refused()).toContain(`must have ${bytes.length} bytes, got ${bytes.length - 4}`);
    writeFileSync(weights(), Buffer.concat([bytes, Buffer.alloc(1)]));
    expect(refused()).toContain(`must have ${bytes.length} bytes, got ${bytes.length + 1}`);
    writeFileSync(weights(), "version https://git-lfs.github.com/spec/v1\n");
    expect(refused()).toContain("another format");
    writeFileSync(weights(), "");
    expect(refused()).toContain("must have 8 bytes");
  });

  it("a non-finite parameter, by its name", () => {
    const bytes = readFileSync(weights());
    bytes.writeFloatLE(Number.NaN, bytes.length - 4);
    writeFileSync(weights(), bytes);
    expect(refused()).toContain("got NaN in");
  });

  it("a shard that is not there", () => {
    rmSync(folder, { recursive: true });
    cpSync(fixture("llama-gqa"), folder, { recursive: true });
    rmSync(join(folder, "model-00002-of-00003.safetensors"));
    expect(() => readHuggingFace(folder)).toThrow(
      /must have model-00002-of-00003\.safetensors, got config\.json/,
    );
  });
});
