/** `ane info` on everything that it knows, made by this repository's own writers, and on what is damaged or foreign. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  initializeParameters,
  Parameters,
  presets,
  writeHuggingFace,
  writeLlamaBin,
} from "@ane/llama-model";
import { buildProgram, print, tensor, toHalfArray, writeBlobFile } from "@ane/mil-builder";
import { writeMlpackage } from "@ane/mil-builder/mlpackage";
import { embeddedDataset, writeTokenFile } from "@ane/tokenizer-data";
import { trainInProcess } from "@ane/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAne } from "./test-context.js";

const data = process.env.ANE_TEST_DATA;
const tiny = { dim: 64, hiddenDim: 192, layers: 1, heads: 4, vocabSize: 32000, seqLen: 64 };

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ane-info-"));
  const config = { ...presets.stories260k, hiddenDim: 192, name: "small" };
  const parameters = new Parameters(config);
  initializeParameters(parameters, 1);
  for (const version of [0, 1, 2] as const)
    writeLlamaBin(at(`v${version}.bin`), parameters, { version });
  writeHuggingFace(at("folder"), parameters, { dtype: "F16" });
  const program = buildProgram({ opset: "ios16" }, (f) => {
    const x = f.input("x", tensor("fp16", [1, 32, 1, 32]));
    return {
      y: f.conv({
        x,
        weight: f.blob("w", tensor("fp16", [32, 32, 1, 1]), "@model_path/weights/w.bin"),
      }),
    };
  });
  const weights = writeBlobFile([{ dtype: "fp16", data: toHalfArray(new Float32Array(1024)) }]);
  writeFileSync(at("w.bin"), weights);
  writeFileSync(at("program.mil"), print(program));
  await writeMlpackage(
    program,
    new Map([["@model_path/weights/w.bin", weights]]),
    at("p.mlpackage"),
  );
  writeFileSync(at("model.json"), JSON.stringify(tiny));
  writeFileSync(at("story.txt"), "Once upon a time — there was…\n");
  writeTokenFile(at("wide.bin"), [1, 100_000, 5, 70_000, 1, 99, 3, 65_000], "uint32");
  for await (const _event of trainInProcess({
    model: at("model.json"),
    steps: 2,
    accum: 1,
    out: at("run"),
  })) {
    // Only what it leaves behind is wanted.
  }
  const cut = (from: string, to: string, bytes: number) =>
    writeFileSync(at(to), readFileSync(at(from)).subarray(0, bytes));
  cut("v0.bin", "cut.bin", 5000);
  cut("v1.bin", "cut1.bin", 5000);
  mkdirSync(at("runs"));
  symlinkSync(at("run"), at("runs/named"));
  cut("run/checkpoints/step-00000002.ckpt", "cut.ckpt", 5000);
  cut("folder/model.safetensors", "cut.safetensors", 5000);
  cut("w.bin", "cut-weights.bin", 500);
  cut("program.mil", "cut.mil", 120);
  const flipped = readFileSync(at("run/checkpoints/step-00000002.ckpt"));
  flipped[5000]! ^= 1;
  writeFileSync(at("flipped.ckpt"), flipped);
  writeFileSync(at("empty"), "");
  writeFileSync(at("odd"), new Uint8Array([0, 1, 2]));
  writeFileSync(at("pointer.bin"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
  writeFileSync(at("model.gguf"), "GGUF\x03\0\0\0");
  mkdirSync(at("nothing"));
  mkdirSync(at("broken"));
  copyFileSync(at("folder/config.json"), at("broken/config.json"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function info(...inputs: string[]) {
  const { code, out, err } = await runAne(["info", ...inputs, "--json"], { directory: folder });
  expect(err).toBe("");
  return { code, ...JSON.parse(out) };
}

describe("recognizes by content", () => {
  it.each([
    ["v0.bin", "llama2.c", { version: 0, dtype: "fp32" }],
    ["v1.bin", "llama2.c", { version: 1 }],
    ["v2.bin", "llama2.c", { version: 2, dtype: "int8 in groups of 64, norms fp32" }],
    ["folder", "hugging-face", { dtype: "F16", files: "model.safetensors" }],
    ["folder/model.safetensors", "safetensors", { dtype: "F16", tensors: 47 }],
    ["folder/config.json", "hugging-face-config", {}],
    ["w.bin", "weights", { tensors: 1 }],
    ["program.mil", "mil", { ops: 1, arithmetic: "65.54K FLOP" }],
    ["p.mlpackage", "mlpackage", { "weight files": "@model_path/weights/w.bin" }],
    ["model.json", "model-config", { model: "model" }],
    ["run", "run", { checkpoints: "step-00000002.ckpt" }],
    ["named", "run", { checkpoints: "step-00000002.ckpt" }], // under runs/
    ["runs", "runs", { runs: 1, newest: "named" }],
    ["run/config.json", "run-config", {}],
    ["run/events.jsonl", "events", { step: 2, done: 1 }],
    ["run/checkpoints/step-00000002.ckpt", "checkpoint", { progress: "micro-step 2, 2 updates" }],
    ["story.txt", "text", { begins: '"Once upon a time — there was…\\n"' }],
    ["wide.bin", "tokens", { dtype: "uint32", documents: 2 }],
  ])("%s: %s", async (file, kind, facts) => {
    const { kind: found, facts: all, checks } = await info(file);
    expect([found, all]).toEqual([kind, expect.objectContaining(facts)]);
    if (kind !== "tokens") for (const check of checks) expect(check).toMatchObject({ ok: true });
  });

  it("a token file, with its text", async () => {
    const { code, kind, facts } = await info(embeddedDataset().validation);
    expect([code, kind]).toEqual([0, "tokens"]);
    expect(facts.begins).toContain("Once upon a time");
  });

  it.skipIf(data === undefined)(
    `real files${data ? "" : ": ANE_TEST_DATA is not set"}`,
    async () => {
      expect(await info(join(data!, "llama/stories260K.bin"), "--check")).toMatchObject({
        code: 0,
        facts: { model: "stories260k", version: 0 },
        checks: [{ ok: true }, { ok: true }],
      });
      expect(await info(join(data!, "llama/tok512.bin"))).toMatchObject({
        kind: "tokenizer",
        facts: { vocabulary: 512 },
      });
    },
  );

  it("reads all of it where asked to", async () => {
    for (const file of ["v0.bin", "folder", "run", "run/checkpoints/step-00000002.ckpt"]) {
      const { code, checks } = await info(file, "--check");
      expect(code).toBe(0);
      expect(checks.length).toBeGreaterThan(0);
    }
    expect((await info("flipped.ckpt")).code).toBe(0);
    const { code, checks } = await info("flipped.ckpt", "--check");
    expect([code, checks.at(-1)?.ok ?? true]).toEqual([1, false]);
  });
});

it.each([
  ["cut.bin", "llama2.c", "Fetch the file again"],
  ["cut1.bin", "llama2.c", "Fetch the file again"],
  ["cut.ckpt", "checkpoint", "damaged"],
  ["cut.safetensors", "safetensors", "Fetch the file again"],
  ["cut-weights.bin", "weights", "truncated"],
  ["cut.mil", "mil", "program text"],
  ["broken", "hugging-face", "must have model.safetensors"],
  ["pointer.bin", "foreign", "git lfs pull"],
  ["model.gguf", "foreign", "safetensors"],
  ["empty", "unknown", "The file is empty"],
  ["odd", "unknown", "Check the path"],
  ["nothing", "unknown", "Check the path"],
])("%s is %s that is not in order", async (file, kind, expected) => {
  const { code, kind: found, checks } = await info(file);
  expect([code, found]).toEqual([1, kind]);
  expect(JSON.stringify(checks.filter(({ ok }: { ok: boolean }) => !ok))).toContain(expected);
});

it("prints a page for people", async () => {
  const { out } = await runAne(["info", "folder"], { directory: folder });
  expect(out).toMatch(/^folder: Hugging Face model folder\n/);
  expect(out).toMatch(/^ {2}dims +dim 64, hidden 192, 5 layers/m);
  expect(out).toMatch(/^ {2}ok {4}tables: /m);
  const table = await runAne(["info", "folder/model.safetensors"], { directory: folder });
  expect(table.out).toMatch(/… 31 more: --all/);
});

it("says what there is not", async () => {
  const { code, err } = await runAne(["info", "absent"], { directory: folder });
  expect([code, err]).toEqual([2, expect.stringContaining("FILE: there must be something")]);
});
