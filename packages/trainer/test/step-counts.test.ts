/** What a micro-step costs: counted in the pipelines, beside what the published pipelines cost by their structure. */
import { readFileSync } from "node:fs";
import { openDevice } from "@ane/ane-runtime";
import { type LlamaConfig, resolveConfig } from "@ane/llama-model";
import { describe, expect, it } from "vitest";
import type { PipelineName, StepCounts } from "../src/events.js";
import { publishedCounts } from "../src/plan/published-pipelines.js";
import { countMicroStep } from "./support/count-micro-step.js";
import { tinyModel } from "./support/tiny-run.js";

type Counter = keyof StepCounts;

function count(pipelineName: PipelineName, model: LlamaConfig) {
  using device = openDevice("cpu", { compileBudget: 0 });
  return countMicroStep(device, pipelineName, model);
}

describe("a micro-step of a small model with shared KV heads", () => {
  const { layers: L, dim: D, hiddenDim: F, vocabSize: V, seqLen: S } = tinyModel;
  const { heads: H, headDim: h } = tinyModel;
  const [QD, KD] = [H * h, tinyModel.kvHeads * h];
  const matrices = D * (2 * QD + 2 * KD) + 3 * D * F;
  const linear = 2 * S * matrices;
  const attention = 2 * S * S * QD;
  /** fp16 bytes of channels [·, S] in every layer. */
  const bytes = (channels: number) => L * channels * S * 2;
  const inPlace = bytes(D + QD + (QD + 2 * KD + 3 * D) + 3 * (D + F));
  const products = L * linear + 3 * (2 * S * D * V);
  const passes = (normForwards: number) =>
    S * (L * D * (4 * normForwards + 2 * 12 + 2) + D * (4 + 12) + 5 * V);

  it("static", () => {
    const { staged, step } = count("static", tinyModel);
    const copied = bytes(2 * F + (QD + 2 * KD) + (2 * H * S + QD + KD) + (QD + 2 * KD));
    expect(step).toEqual({
      dispatches: 6 * L,
      bytesWritten: bytes(4 * D) + copied,
      bytesRead: bytes(4 * D) + copied,
      bytesConverted: bytes(8 * D),
      bytesCopied: copied,
      bytesInPlace: inPlace,
      deviceFlops: L * (2 * linear + 7 * attention),
      cpuFlops: products + passes(0),
    });
    expect(staged.bytesWritten).toBe(0);
  });

  it("dynamic", () => {
    const { staged, step } = count("dynamic", tinyModel);
    const copied = bytes(2 * F + (QD + 2 * KD));
    expect(step).toEqual({
      dispatches: 4 * L,
      bytesWritten: bytes(4 * D) + copied,
      bytesRead: bytes(4 * D) + copied,
      bytesConverted: bytes(8 * D),
      bytesCopied: copied,
      bytesInPlace: inPlace,
      deviceFlops: L * (2 * linear + 0.75 * 7 * attention),
      cpuFlops: products + passes(2),
    });
    expect(staged.bytesWritten).toBe(L * matrices * 2);
    expect(staged.bytesConverted).toBe(L * matrices * 2);
  });
});

describe("a micro-step of Stories110M", () => {
  const model = resolveConfig("stories110m");
  const { layers: L, vocabSize: V, seqLen: S } = model;

  /** Counted on one layer, two layers and another vocabulary: every count is linear in both. */
  function extrapolate(pipeline: PipelineName): StepCounts {
    const one = count(pipeline, { ...model, layers: 1, vocabSize: 64 }).step;
    const layer = count(pipeline, { ...model, layers: 2, vocabSize: 64 }).step;
    const vocabulary = count(pipeline, { ...model, layers: 1, vocabSize: 128 }).step;
    const at = (counter: Counter) =>
      one[counter] +
      (L - 1) * (layer[counter] - one[counter]) +
      ((V - 64) / 64) * (vocabulary[counter] - one[counter]);
    return Object.fromEntries((Object.keys(one) as Counter[]).map((c) => [c, at(c)])) as never;
  }

  const ours = { static: extrapolate("static"), dynamic: extrapolate("dynamic") };
  const published = {
    static: publishedCounts("static", model, S),
    dynamic: publishedCounts("dynamic", model, S),
  };

  it("costs less in the dynamic pipeline than in either published one, on each count", () => {
    for (const counter of Object.keys(ours.dynamic) as Counter[]) {
      if (counter === "bytesInPlace") continue; // theirs are fp32 copies
      expect(ours.dynamic[counter], counter).toBeLessThan(published.dynamic[counter]);
      if (counter === "cpuFlops") continue; // RMSNorm forward is the CPU's here
      expect(ours.dynamic[counter], counter).toBeLessThan(published.static[counter]);
    }
  });

  it("costs what docs/pipelines.md says", () => {
    const ROWS: Record<Counter, [title: string, unit: number, digits: number]> = {
      dispatches: ["dispatches", 1, 0],
      bytesWritten: ["surface bytes written by the CPU, MB", 1e6, 1],
      bytesRead: ["surface bytes read by the CPU, MB", 1e6, 1],
      bytesConverted: ["of those, converted fp32 ↔ fp16, MB", 1e6, 1],
      bytesCopied: ["of those, copied from surface to surface, MB", 1e6, 1],
      bytesInPlace: ["operands of dW read in place as fp16, MB", 1e6, 1],
      deviceFlops: ["device, GFLOP", 1e9, 2],
      cpuFlops: ["CPU, GFLOP", 1e9, 2],
    };
    const sides = [published.static, published.dynamic, ours.static, ours.dynamic];
    const rows = (Object.keys(ROWS) as Counter[]).map((counter) => {
      const [title, unit, digits] = ROWS[counter];
      return [title, ...sides.map((counts) => (counts[counter] / unit).toFixed(digits))];
    });
    const page = readFileSync(new URL("../../../docs/pipelines.md", import.meta.url), "utf8");
    const cells = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    for (const row of rows) {
      const found = cells.find((line) => line[1] === row[0]);
      expect(found?.slice(1, -1), row[0]).toEqual(row);
    }
  });
});
