/** Model files and folders that are cut, mixed up or of another kind: each is refused by what differs. */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  FormatError,
  InputError,
  readHuggingFace,
  readLlamaBin,
  readModel,
  writeHuggingFace,
  writeLlamaBin,
} from "../src/index.js";
import { randomParameters, storable } from "./support/models.js";

type Json = Record<string, Record<string, unknown>>;

let root: string;
let folder: string;
const sound = (name: string) => join(root, name);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "damaged-"));
  const untied = randomParameters({ ...storable, tiedEmbeddings: false });
  writeHuggingFace(sound("tied"), randomParameters(storable));
  writeHuggingFace(sound("untied"), untied);
  writeHuggingFace(sound("qwen"), randomParameters({ ...storable, qkNorm: true }));
  writeLlamaBin(sound("v0.bin"), untied);
  writeLlamaBin(sound("v1.bin"), randomParameters(storable), { version: 1 });
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  folder = sound("damaged");
  rmSync(folder, { recursive: true, force: true });
});

const tensors = () => join(folder, "model.safetensors");
const index = () => `${tensors()}.index.json`;

function refusal(path: string): string {
  try {
    readModel(path);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).message;
  }
  throw new Error("the model was read");
}

/** Changes the table of a safetensors file, not its data. */
function changeTable(change: (table: Json) => void): void {
  const bytes = readFileSync(tensors());
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const table = JSON.parse(bytes.toString("utf8", 8, end)) as Json;
  change(table);
  const json = Buffer.from(JSON.stringify(table));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(tensors(), Buffer.concat([length, json, bytes.subarray(end)]));
}

function changeConfig(fields: Record<string, unknown>): void {
  const path = join(folder, "config.json");
  const config = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...config, ...fields }));
}

const takeConfigOf = (name: string) =>
  copyFileSync(join(sound(name), "config.json"), join(folder, "config.json"));

function shard(map: Record<string, unknown>): void {
  renameSync(tensors(), join(folder, "a.safetensors"));
  writeFileSync(index(), JSON.stringify({ weight_map: map }));
}

describe("a folder", () => {
  it.each<[string, string, () => void, RegExp]>([
    [
      "without tensors",
      "tied",
      () => rmSync(tensors()),
      /must have model\.safetensors, got config\.json/,
    ],
    [
      "without config.json",
      "tied",
      () => rmSync(join(folder, "config.json")),
      /must have config\.json, got model\.safetensors/,
    ],
    [
      "with a tensor of another name",
      "tied",
      () =>
        changeTable((t) => {
          t.renamed = t["model.norm.weight"]!;
          delete t["model.norm.weight"];
        }),
      /must have a tensor "model\.norm\.weight" of shape \[24\], got none/,
    ],
    [
      "with a transposed matrix",
      "tied",
      () =>
        changeTable((t) => {
          t["model.layers.1.mlp.up_proj.weight"]!.shape = [24, 37];
        }),
      /up_proj\.weight" must have shape \[37, 24\] by config\.json, got \[24, 37\]/,
    ],
    [
      "whose config is Qwen3's",
      "tied",
      () => takeConfigOf("qwen"),
      /q_norm\.weight" of shape \[4\], got none/,
    ],
    [
      "whose tensors are Qwen3's",
      "qwen",
      () => takeConfigOf("tied"),
      /has no tensor "model\.layers\.0\.self_attn\.q_norm\.weight"/,
    ],
    [
      "whose config is untied",
      "tied",
      () => takeConfigOf("untied"),
      /must have a tensor "lm_head\.weight"/,
    ],
    [
      "whose classifier is not the embedding that config.json says",
      "untied",
      () => takeConfigOf("tied"),
      /"lm_head\.weight" must equal "model\.embed_tokens\.weight"/,
    ],
    [
      "that is quantized",
      "tied",
      () => changeConfig({ quantization_config: { bits: 4 } }),
      /quantization_config must be null, got \{"bits":4\}/,
    ],
    [
      "with RoPE on a part of the channels",
      "tied",
      () => changeConfig({ partial_rotary_factor: 0.5 }),
      /partial_rotary_factor must be 1, got 0\.5/,
    ],
    [
      "with other heads",
      "tied",
      () => changeConfig({ num_key_value_heads: 6 }),
      /k_proj\.weight" must have shape \[24, 24\] by config\.json, got \[8, 24\]/,
    ],
    [
      "whose index leads out of it",
      "tied",
      () => shard({ x: "../tied/model.safetensors" }),
      /files of its folder, got "\.\.\/tied/,
    ],
    [
      "whose index is empty",
      "tied",
      () => shard({}),
      /weight_map to files of its folder, got an empty one/,
    ],
    [
      "whose index names a file that is not there",
      "tied",
      () => shard({ x: "b.safetensors" }),
      /must have b\.safetensors, got a\.safetensors, config\.json/,
    ],
    [
      "with a tensor in two shards",
      "tied",
      () => {
        shard({ x: "a.safetensors", y: "b.safetensors" });
        copyFileSync(join(folder, "a.safetensors"), join(folder, "b.safetensors"));
      },
      /must be in one file, got "model\.embed_tokens\.weight" in a\.safetensors too/,
    ],
  ])("%s", (_, source, damage, message) => {
    cpSync(sound(source), folder, { recursive: true });
    damage();
    expect(refusal(folder)).toMatch(message);
  });

  it("that holds no model", () => {
    mkdirSync(folder);
    expect(refusal(folder)).toMatch(/must have config\.json, got an empty folder/);
  });
});

describe("a file", () => {
  it.each<[string, string, (bytes: Buffer) => Buffer | undefined, RegExp]>([
    [
      "of which half is missing",
      "v0.bin",
      (b) => b.subarray(0, b.length / 2),
      /must have \d+ bytes, got \d+/,
    ],
    [
      "whose classifier is said to be the embedding",
      "v0.bin",
      (b) => void b.writeInt32LE(31, 20),
      /must have \d+ bytes, got \d+/,
    ],
    [
      "in the other byte order",
      "v0.bin",
      (b) => b.subarray(0, 28).swap32() && undefined,
      /dim must be an integer from 1 to 65536/,
    ],
    [
      "with heads and KV heads exchanged",
      "v1.bin",
      (b) => {
        b.writeInt32LE(2, 20);
        b.writeInt32LE(6, 24);
        return undefined;
      },
      /kvHeads must divide heads \(2\), got 6/,
    ],
    [
      "with a flag that is none",
      "v1.bin",
      (b) => void b.writeUInt8(7, 36),
      /byte 36 of a version 1 header must be 0 or 1 \(tied embeddings\), got 7/,
    ],
    [
      "with something behind the header's fields",
      "v1.bin",
      (b) => void b.writeUInt8(9, 200),
      /byte 200 of a version 1 header must be 0, got 9/,
    ],
  ])("%s", (_, source, damage, message) => {
    const bytes = readFileSync(sound(source));
    writeFileSync(folder, damage(bytes) ?? bytes);
    expect(refusal(folder)).toMatch(message);
  });
});

it("reads a tied model that has its embedding twice, in shards too", () => {
  cpSync(sound("tied"), folder, { recursive: true });
  const { config, parameters } = readHuggingFace(sound("tied"));
  const untied = randomParameters({ ...config, tiedEmbeddings: false });
  for (const { name } of untied.layout.entries) {
    untied.view(name).set(name === "classifier" ? parameters.classifier : parameters.view(name));
  }
  writeHuggingFace(folder, untied);
  takeConfigOf("tied");
  shard({ x: "a.safetensors" });
  expect(readHuggingFace(folder).parameters.data).toEqual(parameters.data);
});

it("reads what an export has put beside older shards", () => {
  cpSync(sound("tied"), folder, { recursive: true });
  shard({ x: "a.safetensors" });
  const { parameters } = readLlamaBin(sound("v1.bin"));
  parameters.data[0] = 42;
  writeHuggingFace(folder, parameters);
  expect(readHuggingFace(folder).parameters.data).toEqual(parameters.data);
});

it("refuses to store as F16 what would become infinite", () => {
  const parameters = randomParameters(storable);
  parameters.finalNorm[3] = 65520;
  expect(() => writeHuggingFace(folder, parameters, { dtype: "F16" })).toThrow(InputError);
  parameters.finalNorm[3] = 65519;
  writeHuggingFace(folder, parameters, { dtype: "F16" });
  expect(readHuggingFace(folder).parameters.finalNorm[3]).toBe(65504);
});
