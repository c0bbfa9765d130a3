/** Core ML packages: read back and run by the interpreter, against the forward of this package. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHalfArray, interpret, tensor, toHalfArray } from "@ane/mil-builder";
import { type Mlpackage, readMlpackage } from "@ane/mil-builder/mlpackage";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LlamaConfig, Parameters, WindowForward, writeCoreML } from "../src/index.js";
import { randomParameters, someTokens, tiny } from "./support/models.js";

const S = 32;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "core-ml-"));
  path = join(folder, "model.mlpackage");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Logits [S, V] that the package gives. */
function run({ program, blobs }: Mlpackage, tokens: ArrayLike<number>, numerics: "fp16" | "fp32") {
  const inputs = { tokens: { type: tensor("int32", [1, S]), data: tokens } };
  return interpret(program, inputs, { weights: blobs, numerics }).logits!;
}

/** What the package's weights are after rounding. */
function inHalf(parameters: Parameters): Parameters {
  const halves = Float32Array.from(fromHalfArray(toHalfArray(parameters.data)));
  return new Parameters(parameters.config, halves);
}

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Array.from(expected).reduce((most, x, i) => Math.max(most, Math.abs(x - actual[i]!)), 0);
}

const models: [string, Partial<LlamaConfig>][] = [
  ["grouped queries, tied", {}],
  ["grouped queries, untied", { tiedEmbeddings: false }],
  ["one KV head per query head", { kvHeads: 6 }],
  ["norms of the heads, tied (Qwen3)", { qkNorm: true, ropeTheta: 1e6, normEps: 1e-6 }],
  ["bounded logits", { logitSoftcap: 2 }],
  ["norms of the heads, untied", { qkNorm: true, tiedEmbeddings: false }],
];

describe.each(models)("%s", (_, change) => {
  const parameters = randomParameters({ ...tiny, ...change });
  const tokens = someTokens(S, tiny.vocabSize);

  it("gives the logits of our forward, in fp32 to its rounding", async () => {
    await writeCoreML(path, parameters, { seqLen: S, dtype: "fp32" });
    const { data, type } = run(await readMlpackage(path), tokens, "fp32");
    expect(type).toEqual(tensor("fp32", [1, S, tiny.vocabSize]));
    const expected = new WindowForward(parameters, S).forward(tokens);
    expect(Math.max(...expected)).toBeGreaterThan(1);
    expect(largestDifference(data, expected)).toBeLessThan(1e-4);
  });

  it("gives the logits of its rounded weights, in fp16 to that one's rounding", async () => {
    await writeCoreML(path, parameters, { seqLen: S });
    const stored = await readMlpackage(path);
    const expected = new WindowForward(inHalf(parameters), S).forward(tokens);
    const scale = Math.max(...expected.map(Math.abs));
    expect(largestDifference(run(stored, tokens, "fp32").data, expected)).toBeLessThan(
      0.003 * scale,
    ); // tables
    expect(largestDifference(run(stored, tokens, "fp16").data, expected)).toBeLessThan(
      0.02 * scale,
    );
  });

  it("has every parameter in one file of weights, the embedding once", async () => {
    await writeCoreML(path, parameters, { seqLen: S });
    const stored = await readMlpackage(path);
    expect([...stored.blobs.keys()]).toEqual(["@model_path/weights/weight.bin"]);
    const [file] = stored.blobs.values();
    const constants = 3 * 2 * S * S; // tables of RoPE are smaller, the mask is S · S
    expect(file!.byteLength).toBeGreaterThan(2 * parameters.data.length);
    expect(file!.byteLength).toBeLessThan(2 * parameters.data.length + constants + 128 * 60);
  });
});

it("says what it is", async () => {
  await writeCoreML(path, randomParameters(tiny), { seqLen: S });
  const { specificationVersion, metadata, program } = await readMlpackage(path);
  expect(specificationVersion).toBe(7);
  expect(metadata.shortDescription).toContain(
    "tiny: logits of the next token at each of 32 positions",
  );
  expect(JSON.parse(metadata.userDefined!.config!)).toEqual({ ...tiny, seqLen: S });
  const [main] = program.functions;
  expect(main!.inputs.map(({ name, type }) => ({ name, type }))).toEqual([
    { name: "tokens", type: tensor("int32", [1, S]) },
  ]);
});

describe("refuses, leaving nothing behind", () => {
  it.each<[string, (parameters: Parameters) => Promise<void>, RegExp]>([
    [
      "a length that no kernel has",
      (p) => writeCoreML(path, p, { seqLen: 33 }),
      /multiple of 32, got 33/,
    ],
    ["a model's length that is none", (p) => writeCoreML(path, p), /multiple of 32, got 13/],
    ["another ending", (p) => writeCoreML(`${path}.x`, p, { seqLen: S }), /ends in \.mlpackage/],
    ["a folder that is there", (p) => writeCoreML(folder, p, { seqLen: S }), /ends in \.mlpackage/],
    [
      "a parameter beyond fp16",
      (p) => {
        p.layer(1).wq[7] = -65520;
        return writeCoreML(path, p, { seqLen: S });
      },
      /below 65520 in size, got -65520 in wq\[\d+\]\. Store the model as fp32/,
    ],
  ])("%s", async (_, write, message) => {
    await expect(write(randomParameters(tiny))).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("a package that exists, which stays as it is", async () => {
    await writeCoreML(path, randomParameters(tiny), { seqLen: S });
    await expect(writeCoreML(path, randomParameters(tiny, 2), { seqLen: S })).rejects.toThrow(
      "must not exist",
    );
    expect(existsSync(join(path, "Manifest.json"))).toBe(true);
    expect(readdirSync(folder)).toEqual(["model.mlpackage"]);
  });
});
