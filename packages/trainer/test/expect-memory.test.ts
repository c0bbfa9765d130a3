/** Runs that the machine has no room for are refused before anything is written. */
import { existsSync } from "node:fs";
import { presets } from "@ane/llama-model";
import { expect, it } from "vitest";
import { StateError } from "../src/errors.js";
import { expectMemory, plannedMemory } from "../src/expect-memory.js";
import { trainInProcess } from "../src/index.js";
import { resolveOptions } from "../src/resolve-options.js";
import type { Recipe } from "../src/run-config.js";
import { tinyRun } from "./support/tiny-run.js";

const GB = 1e9;

function recipe(model: keyof typeof presets, change: Partial<Recipe> = {}): Recipe {
  const { config } = resolveOptions(tinyRun().options);
  return { ...config.recipe, model: presets[model], seq: 256, ...change };
}

it("knows what Qwen3-0.6B and TinyLlama-1.1B take", () => {
  const qwen = plannedMemory(recipe("qwen3-0.6b"));
  expect(qwen.parameters).toBe(596_049_920 * 4);
  expect(qwen.logits).toBe(256 * 151_936 * 4);
  expect(qwen.total / GB).toBeCloseTo(11.2, 0);
  expect(plannedMemory(recipe("tinyllama-1.1b")).total / GB).toBeCloseTo(20.5, -1);
});

it("is what the parts sum to, with fp32 kernels too", () => {
  for (const numerics of ["fp16", "fp32"] as const) {
    const { total, ...parts } = plannedMemory(recipe("stories15m", { numerics }));
    expect(Object.values(parts).reduce((sum, bytes) => sum + bytes)).toBe(total);
  }
  const [half, single] = (["fp16", "fp32"] as const).map((numerics) =>
    plannedMemory(recipe("stories15m", { numerics })),
  );
  expect(single!.surfaces).toBe(2 * half!.surfaces);
});

it("has fewer logits where the loss has fewer classes", () => {
  const { data } = recipe("stories15m");
  const compact = recipe("stories15m", { compactVocab: true, data: { ...data, tokens: 1000 } });
  expect(plannedMemory(compact).logits).toBe(256 * 1000 * 4);
});

it("refuses what is more than there is, with the parts", () => {
  const own = recipe("qwen3-0.6b");
  const { total } = plannedMemory(own);
  expect(() => expectMemory(own, total)).not.toThrow();
  expect(() => expectMemory(own, total - 1)).toThrow(StateError);
  expect(() => expectMemory(own, 8 * GB)).toThrow(
    /memory: training qwen3-0\.6b on sequences of 256 tokens must have 1\d\.\d\d GB \(parameters 2\.38 GB, gradients 2\.38 GB, moments 4\.77 GB, surfaces 1\.\d\d GB, logits 0\.16 GB, streams 0\.\d\d GB\), got 8\.00 GB available\. End other/,
  );
});

it("refuses parameters that one array cannot hold", () => {
  const node20 = 2 ** 32;
  expect(() => expectMemory(recipe("tinyllama-1.1b"), 99 * GB, node20)).toThrow(
    "must fit into an array of this Node.js, at most 4.29 GB, got 4.40 GB. Use Node.js 22",
  );
  expect(() => expectMemory(recipe("qwen3-0.6b"), 99 * GB, node20)).not.toThrow();
});

it("comes before the run's folder", async () => {
  const config = { ...presets["qwen3-0.6b"], layers: 1000, vocabSize: 64 }; // 251 GB of state
  const { options } = tinyRun({}, { config });
  await expect(trainInProcess(options).next()).rejects.toThrow(/^memory: .* must .*, got/);
  expect(existsSync(options.out)).toBe(false);
});
