/** `ane mil print`, `verify`, `stats` and `run` on real kernels, as text and as Core ML packages. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildProgram,
  llamaKernels,
  parse,
  print,
  scalar,
  tensor,
  toHalfArray,
  writeBlobFile,
} from "@ane/mil-builder";
import { writeMlpackage } from "@ane/mil-builder/mlpackage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAne } from "./test-context.js";

const { fwdFFN } = llamaKernels({
  dim: 64,
  hiddenDim: 160,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  seqLen: 32,
  normEps: 1e-5,
  ropeTheta: 10000,
});

/** y = w·x with w = 2·identity, from a weight file. */
const doubling = buildProgram({ opset: "ios16" }, (f) => {
  const x = f.input("x", tensor("fp16", [1, 32, 1, 32]));
  const weight = f.blob("w", tensor("fp16", [32, 32, 1, 1]), "@model_path/weights/w.bin");
  return { y: f.conv({ x, weight }) };
});
const twice = Float32Array.from({ length: 32 * 32 }, (_, i) => (i % 33 === 0 ? 2 : 0));
const weightFile = writeBlobFile([{ dtype: "fp16", data: toHalfArray(twice) }]);

/** As a file has them. */
const halves = (values: Float32Array) => new Uint8Array(toHalfArray(values).buffer);

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ane-mil-"));
  mkdirSync(join(folder, "weights"));
  const write = (name: string, data: string | Uint8Array) =>
    writeFileSync(join(folder, name), data);
  write("ffn.mil", print(fwdFFN.program));
  write("doubling.mil", print(doubling));
  write("weights/w.bin", weightFile);
  await writeMlpackage(
    doubling,
    new Map([["@model_path/weights/w.bin", weightFile]]),
    join(folder, "doubling.mlpackage"),
  );
  write("broken.mil", "program(1.0)\n{ func main");
  write("x.bin", halves(Float32Array.from({ length: 32 * 32 }, (_, i) => i % 100)));
  write("short.bin", new Uint8Array(10));
  write("x.json", JSON.stringify([Array.from({ length: 32 * 32 }, () => 3)]));
  const wide = buildProgram({ opset: "ios16" }, (f) => {
    const x = f.input("x", tensor("fp16", [1, 64, 1, 32]));
    return {
      y: f.softmax({ x, axis: 1 }),
      z: f.cast({ x: f.constant("c", scalar("fp16"), 1), dtype: "fp32" }),
    };
  });
  write("wide.mil", print(wide));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mil = (...inputs: string[]) => runAne(["mil", ...inputs], { directory: folder });

describe("ane mil print", () => {
  it("prints the program that a package holds, and the same again from its text", async () => {
    const { code, out } = await mil("print", "doubling.mlpackage", "--layout", "canonical");
    expect(code).toBe(0);
    expect(parse(out).functions[0]!.operations.map(({ type }) => type)).toContain("conv");
    const again = await mil("print", "ffn.mil", "--layout", "canonical");
    expect(again.out).toBe(`${print(fwdFFN.program)}\n`);
  });

  it("simplifies, changes the dialect, and prints a graph as JSON", async () => {
    const plain = await mil("print", "ffn.mil", "--dialect", "1.0");
    expect(plain.out).toMatch(/^program\(1\.0\)/);
    const simplified = await mil("print", "ffn.mil", "--simplify");
    expect(simplified.out.length).toBeLessThanOrEqual(plain.out.length);
    const graph = JSON.parse((await mil("print", "ffn.mil", "--json")).out);
    expect(graph.functions[0]).toMatchObject({ function: "main" });
  });
});

describe("ane mil verify", () => {
  it("finds nothing wrong with our kernels", async () => {
    const { code, out } = await mil("verify", "ffn.mil", "--chip", "m4");
    expect([code, out]).toEqual([0, `${join(folder, "ffn.mil")}: 0 errors, 0 warnings\n`]);
  });

  it("names rule, place, evidence and remedy, and fails", async () => {
    const { code, out } = await mil("verify", "wide.mil", "--chip", "m1", "--json");
    const { errors, diagnostics } = JSON.parse(out);
    expect(code).toBe(errors > 0 ? 1 : 0);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(diagnostics[0]).toMatchObject({ rule: expect.any(String), remedy: expect.any(String) });
    const text = await mil("verify", "wide.mil", "--chip", "m1");
    expect(text.out).toContain(`${diagnostics[0].severity} ${diagnostics[0].rule}`);
  });
});

it("ane mil stats counts ops, arithmetic, ports and weights", async () => {
  const { out } = await mil("stats", "doubling.mil", "--json");
  expect(JSON.parse(out)).toMatchObject({
    weights: { files: 1, tensors: 1, bytes: 2048 },
    functions: [
      {
        flops: 2 * 32 * 32 * 32,
        byType: [{ type: "conv", count: 1, flops: 65536 }],
        inputs: [{ name: "x", dtype: "fp16", shape: [1, 32, 1, 32], bytes: 2048 }],
      },
    ],
  });
  expect((await mil("stats", "ffn.mil")).out).toMatch(/^ +\d+ {2}conv +1\.97M FLOP$/m);
});

describe("ane mil run", () => {
  it.each(["cpu", "interpreter"])("gives the program's values on %s", async (device) => {
    const flags = ["--device", device, "--input", "x=x.bin", "--out", `out-${device}`, "--json"];
    const { code, out } = await mil("run", "doubling.mil", ...flags);
    expect(code).toBe(0);
    expect(JSON.parse(out).outputs).toEqual([
      expect.objectContaining({
        name: "y",
        min: 0,
        max: 198,
        nonFinite: 0,
        first: [0, 2, 4, 6, 8, 10, 12, 14],
      }),
    ]);
    const { buffer } = new Uint8Array(readFileSync(join(folder, `out-${device}`, "y.bin")));
    expect(new Float32Array(buffer)[99]).toBe(198);
  });

  it("takes packages, JSON inputs, fills and several runs", async () => {
    const json = await mil("run", "doubling.mlpackage", "--input", "x=x.json", "--json");
    expect(JSON.parse(json.out).outputs[0]).toMatchObject({ min: 6, max: 6 });
    const ones = await mil("run", "doubling.mil", "--fill", "ones", "--runs", "3");
    expect(ones.out).toContain("y fp16 [1, 32, 1, 32]: from 2 to 2, mean 2, 0 not finite");
    const random = [await mil("run", "doubling.mil"), await mil("run", "doubling.mil")];
    expect(random[0]!.out.split("\n").slice(2)).toEqual(random[1]!.out.split("\n").slice(2));
  });
});

it.each([
  [["print", "absent.mil"], 2, "FILE: the program must be there"],
  [["verify", "broken.mil"], 1, "broken.mil: "],
  [["print", "weights"], 1, "Manifest.json"],
  [["run", "doubling.mil", "--input", "y=x.bin"], 2, 'inputs are x, got "y"'],
  [["run", "doubling.mil", "--input", "x=absent.bin"], 2, "--input x: expected a file"],
  [["run", "doubling.mil", "--input", "x=weights"], 2, "--input x: expected a file"],
  [
    ["run", "doubling.mil", "--input", "x=short.bin"],
    2,
    "1024 elements of fp16 (2048 bytes), got 10 bytes",
  ],
  [["run", "doubling.mil", "--weights", "nowhere"], 2, "--weights: the program's @model_path"],
  [["run", "doubling.mil", "--device", "ane", "--numerics", "fp32"], 2, "--numerics: "],
  [["run", "wide.mil"], 1, "wide.mil: "],
  [["verify", "ffn.mil", "--chip", "m9"], 2, '--chip: expected m1, m2, m3, m4, m5, got "m9"'],
])("%j is refused", async (inputs, status, expected) => {
  const { code, out, err } = await mil(...(inputs as string[]));
  expect([code, out]).toEqual([status, ""]);
  expect(err).toContain(expected);
  expect(err).not.toContain("    at ");
});
