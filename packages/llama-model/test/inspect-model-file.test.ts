/** Headers and tables of model files, without their parameters. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  initializeParameters,
  inspectHuggingFace,
  inspectLlamaBin,
  inspectSafetensors,
  Parameters,
  presets,
  writeHuggingFace,
  writeLlamaBin,
} from "../src/index.js";

const config = { ...presets.stories260k, hiddenDim: 192, layers: 1, name: "small" };

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inspect-"));
  const parameters = new Parameters(config);
  initializeParameters(parameters, 1);
  for (const version of [0, 1, 2] as const) {
    writeLlamaBin(at(`v${version}.bin`), parameters, { version });
  }
  writeHuggingFace(at("model"), parameters, { dtype: "BF16" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("inspectLlamaBin", () => {
  it.each([0, 1, 2] as const)("version %i", (version) => {
    const info = inspectLlamaBin(at(`v${version}.bin`));
    expect(info).toMatchObject({ version, groupSize: version === 2 ? 64 : 0 });
    expect(info.config).toMatchObject({ dim: 64, hiddenDim: 192, layers: 1, vocabSize: 512 });
    expect(info.bytes).toBe(info.expectedBytes);
  });

  it("says what is missing of a file that was cut, and refuses what is none", () => {
    writeFileSync(at("cut.bin"), readFileSync(at("v1.bin")));
    truncateSync(at("cut.bin"), 1000);
    const { bytes, expectedBytes } = inspectLlamaBin(at("cut.bin"));
    expect([bytes, expectedBytes > bytes]).toEqual([1000, true]);
    writeFileSync(at("text.bin"), "Once upon a time, there was a little girl.");
    expect(() => inspectLlamaBin(at("text.bin"))).toThrow(/header/);
  });
});

it("inspectHuggingFace and inspectSafetensors list tensors", () => {
  const { config: stored, shards, tensors } = inspectHuggingFace(at("model"));
  expect(stored).toMatchObject({ dim: 64, tiedEmbeddings: true });
  expect(shards).toEqual(["model.safetensors"]);
  expect(tensors).toHaveLength(11);
  expect(inspectSafetensors(join(at("model"), "model.safetensors"))).toEqual(tensors);
  expect(tensors[0]).toMatchObject({ dtype: "BF16", shape: expect.any(Array) });
});
