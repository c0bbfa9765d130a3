import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ConfigError,
  kernelConfig,
  type LlamaConfig,
  presets,
  resolveConfig,
  validateConfig,
} from "../src/index.js";
import { tiny } from "./support/models.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "llama-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function configFile(content: unknown): string {
  const path = join(folder, "custom.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function failure(action: () => unknown): ConfigError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error("expected a ConfigError");
}

describe("presets", () => {
  it.each(Object.values(presets))("$name is valid and found by its name", (preset) => {
    expect(resolveConfig(preset.name)).toEqual(preset);
    expect(resolveConfig(preset.name.toUpperCase())).toEqual(preset);
  });

  it("names the known ones and the nearest for an unknown name", () => {
    const error = failure(() => resolveConfig("storys15M"));
    expect(error.code).toBe("ERR_CONFIG");
    for (const name of Object.keys(presets)) expect(error.message).toContain(name);
    expect(error.message).toContain('Did you mean "stories15m"?');
    expect(failure(() => resolveConfig("gpt2")).message).not.toContain("Did you mean");
  });
});

describe("configuration files", () => {
  it("takes defaults for what a file leaves out", () => {
    const path = configFile({
      dim: 64,
      hiddenDim: 128,
      layers: 2,
      heads: 4,
      vocabSize: 99,
      seqLen: 32,
    });
    expect(resolveConfig(path)).toEqual({
      name: "custom",
      dim: 64,
      hiddenDim: 128,
      layers: 2,
      heads: 4,
      kvHeads: 4,
      headDim: 16,
      vocabSize: 99,
      seqLen: 32,
      normEps: 1e-5,
      ropeTheta: 10_000,
      tiedEmbeddings: true,
      qkNorm: false,
      logitSoftcap: 0,
    });
    expect(resolveConfig(configFile(tiny))).toEqual(tiny);
  });

  it("refuses an unknown field, naming the nearest", () => {
    const error = failure(() => resolveConfig(configFile({ ...tiny, hidden_dim: 5 })));
    expect(error.field).toBe("hidden_dim");
    expect(error.message).toContain('Did you mean "hiddenDim"?');
  });

  it("refuses missing fields, other JSON, broken JSON and missing files", () => {
    const { vocabSize: _, ...incomplete } = tiny;
    expect(failure(() => resolveConfig(configFile(incomplete))).field).toBe("vocabSize");
    expect(failure(() => resolveConfig(configFile([1]))).message).toContain("one JSON object");
    expect(failure(() => resolveConfig(configFile("{"))).message).toContain("custom.json");
    expect(failure(() => resolveConfig(join(folder, "no.json"))).message).toContain("ENOENT");
  });
});

describe("validateConfig", () => {
  const wrong: [keyof LlamaConfig, unknown][] = [
    ["name", ""],
    ["dim", 0],
    ["dim", 1.5],
    ["hiddenDim", "64"],
    ["layers", -1],
    ["heads", Number.NaN],
    ["kvHeads", 4],
    ["headDim", 3],
    ["vocabSize", 1],
    ["vocabSize", 2 ** 31],
    ["seqLen", null],
    ["normEps", 0],
    ["normEps", Number.POSITIVE_INFINITY],
    ["ropeTheta", -1],
    ["tiedEmbeddings", 1],
    ["qkNorm", undefined],
    ["logitSoftcap", -1],
  ];
  it.each(wrong)("names the field %s when it is %s", (field, value) => {
    const config = { ...tiny, [field]: value } as LlamaConfig;
    const error = failure(() => validateConfig(config));
    expect(error.field).toBe(field);
    expect(error.message).toContain(`${field} must`);
    expect(error.message).toContain(
      `got ${typeof value === "number" ? value : JSON.stringify(value)}`,
    );
  });
});

it("kernelConfig takes over the dims and what the run chooses", () => {
  const { dim, hiddenDim, heads, kvHeads, headDim, normEps, ropeTheta } = presets.stories260k;
  const dims = { dim, hiddenDim, heads, kvHeads, headDim, normEps, ropeTheta, qkNorm: false };
  expect(kernelConfig(presets.stories260k)).toEqual({ ...dims, seqLen: 512 });
  expect(kernelConfig(presets.stories260k, { seqLen: 64, dtype: "fp32" })).toEqual({
    ...dims,
    seqLen: 64,
    dtype: "fp32",
  });
});
