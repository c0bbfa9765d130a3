/** `ane export`: a model in every format, read back by `ane eval`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initializeParameters, Parameters, presets, writeLlamaBin } from "@ane/llama-model";
import { tensor } from "@ane/mil-builder";
import { readMlpackage } from "@ane/mil-builder/mlpackage";
import { writeTokenFile } from "@ane/tokenizer-data";
import { run } from "@stricli/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { app } from "../src/app.js";
import { testContext } from "./test-context.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "export-"));
  const parameters = new Parameters({ ...presets.stories260k, hiddenDim: 192 });
  initializeParameters(parameters, 1);
  writeLlamaBin(join(folder, "model.bin"), parameters);
  const tokens = Uint16Array.from({ length: 129 }, (_, i) => (i * 37) % 512);
  writeTokenFile(join(folder, "tokens.bin"), tokens);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function ane(...inputs: string[]) {
  const context = testContext({ directory: folder });
  await run(app, inputs, context);
  return { code: Number(context.process.exitCode), out: context.stdout(), err: context.stderr() };
}

async function lossOf(model: string): Promise<number> {
  const { out } = await ane(
    "eval",
    "--init",
    model,
    "--data",
    "tokens.bin",
    "--seq",
    "64",
    "--json",
  );
  return (JSON.parse(out) as { meanNll: number }).meanNll;
}

describe.each([
  ["bin0", "fp32", 0],
  ["bin1", "fp32", 0],
  ["q80", "int8", 2e-3],
  ["safetensors", "fp32", 0],
  ["safetensors", "fp16", 1e-4],
  ["safetensors", "bf16", 1e-3],
])("--format %s (%s)", (format, dtype, tolerance) => {
  const out = `${format}-${dtype}`;
  const flags = format === "safetensors" ? ["--dtype", dtype] : [];

  it(`gives the loss of the model to ${tolerance}`, async () => {
    const { code, out: printed } = await ane(
      "export",
      "model.bin",
      "--format",
      format,
      "-o",
      out,
      ...flags,
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(printed)).toEqual({
      path: join(folder, out),
      format,
      model: "model",
      parameters: expect.any(Number),
    });
    const [before, after] = [await lossOf("model.bin"), await lossOf(out)];
    expect(before).toBeGreaterThan(5);
    expect(Math.abs(after - before)).toBeLessThanOrEqual(tolerance);
    if (tolerance > 0) expect(after).not.toBe(before);
  });
});

it("passes through a folder and back byte for byte", async () => {
  await ane("export", "model.bin", "--format", "safetensors", "--out", "there");
  await ane("export", "there", "--format", "bin0", "--out", "back.bin");
  expect(
    readFileSync(join(folder, "back.bin")).equals(readFileSync(join(folder, "model.bin"))),
  ).toBe(true);
});

it("writes a Core ML package of a fixed length, and none over another", async () => {
  const export32 = () =>
    ane("export", "model.bin", "--format", "mlpackage", "--length", "32", "-o", "m.mlpackage");
  expect(await export32()).toMatchObject({
    code: 0,
    out: expect.stringContaining("parameters, as mlpackage"),
  });
  const { program, blobs } = await readMlpackage(join(folder, "m.mlpackage"));
  expect(program.functions[0]!.outputs[0]!.type).toEqual(tensor("fp16", [1, 32, 512]));
  expect(blobs.size).toBe(1);
  const { code, err } = await export32();
  expect(code).not.toBe(0);
  expect(err).toContain("must not exist");
});

it("refuses what cannot be written, and leaves nothing behind", async () => {
  const before = readdirSync(folder);
  const cases: [string[], string][] = [
    [["nothing.bin", "--format", "bin0", "--out", "x"], "got nothing at"],
    [
      ["model.bin", "--format", "bin0", "--out", "x", "--dtype", "fp16"],
      "--dtype: only safetensors and mlpackage",
    ],
    [
      ["model.bin", "--format", "mlpackage", "--out", "x.mlpackage", "--dtype", "bf16"],
      "an mlpackage has fp16 or fp32, got bf16",
    ],
    [
      ["model.bin", "--format", "mlpackage", "--out", "x.mlpackage", "--length", "48"],
      'multiple of 32, got "48"',
    ],
    [["model.bin", "--format", "mlpackage", "--out", "x"], "end in .mlpackage"],
    [
      ["model.bin", "--format", "q80", "--out", "x", "--length", "32"],
      "--length: only an mlpackage",
    ],
    [["model.bin", "--format", "gguf", "--out", "x"], "gguf"],
    [["model.bin", "--out", "x"], "--format"],
    [
      ["model.bin", "--format", "bin0", "--out", "no/such/folder.bin"],
      "--out: the file's folder must be there",
    ],
  ];
  for (const [inputs, message] of cases) {
    const { code, err } = await ane("export", ...inputs);
    expect(code).not.toBe(0);
    expect(err).toContain(message);
  }
  expect(readdirSync(folder)).toEqual(before);
});

it("refuses a model that the format cannot express", async () => {
  const dims = { dim: 24, hiddenDim: 37, heads: 4, kvHeads: 2, headDim: 6 };
  writeLlamaBin(join(folder, "odd.bin"), new Parameters({ ...presets.stories260k, ...dims }));
  const { code, err } = await ane("export", "odd.bin", "--format", "q80", "--out", "odd-q80.bin");
  expect(code).not.toBe(0);
  expect(err).toContain("multiple of the group size 8, got 37");
});
