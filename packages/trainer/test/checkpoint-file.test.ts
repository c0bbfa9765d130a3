import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import {
  CheckpointDamage,
  type CheckpointHeader,
  readCheckpointFile,
  writeCheckpointFile,
} from "../src/checkpoint-file.js";
import { sameBits } from "./support/same-bits.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { tinyModel } from "./support/tiny-run.js";

/** Larger than one piece, and not a multiple of it. */
const LENGTH = 300_001;

const sections = {
  parameters: Float32Array.from({ length: LENGTH }, (_, i) => Math.fround(i / 3)),
  firstMoment: Float32Array.from({ length: LENGTH }, (_, i) => -i),
  secondMoment: Float32Array.from({ length: LENGTH }, (_, i) => 1 / (i + 1)),
};
const header: CheckpointHeader = {
  model: tinyModel,
  recipe: "ab".repeat(32),
  step: 12,
  updates: 3,
  length: LENGTH,
  sections: ["parameters", "firstMoment", "secondMoment"],
  counters: [256, 0.1, 2 ** 53],
};

function emptySections() {
  return {
    parameters: new Float32Array(LENGTH),
    firstMoment: new Float32Array(LENGTH),
    secondMoment: new Float32Array(LENGTH),
  };
}

let path: string;
let size: number;
beforeEach(() => {
  path = join(temporaryFolder(), "step.ckpt");
  size = writeCheckpointFile(path, header, sections);
});

describe("checkpoint file", () => {
  it("gives back what it was given, bit for bit", () => {
    const target = emptySections();
    expect(readCheckpointFile(path, () => target)).toEqual(header);
    for (const name of ["parameters", "firstMoment", "secondMoment"] as const) {
      expect(sameBits(target[name], sections[name])).toBe(true);
    }
    expect(statSync(path).size).toBe(size);
  });

  it("reads one section and still checks all of them", () => {
    const parameters = new Float32Array(LENGTH);
    readCheckpointFile(path, () => ({ parameters }));
    expect(sameBits(parameters, sections.parameters)).toBe(true);
    flip(path, size - 100);
    expect(() => readCheckpointFile(path, () => ({ parameters }))).toThrow("SHA-256");
  });

  it.each([0, 9, 13, 30, 700, 600_000, 3_000_000])("refuses a flipped bit in byte %i", (offset) => {
    flip(path, offset);
    expect(() => readCheckpointFile(path, emptySections)).toThrow(CheckpointDamage);
  });

  it("refuses a flipped bit in its digest", () => {
    flip(path, size - 1);
    expect(() => readCheckpointFile(path, emptySections)).toThrow("SHA-256");
  });

  it.each([0, 10, 16, 200, 100_000])("refuses a file cut to %i bytes", (bytes) => {
    truncateSync(path, bytes);
    expect(() => readCheckpointFile(path, emptySections)).toThrow(CheckpointDamage);
  });

  it("refuses a file that has grown", () => {
    writeFileSync(path, "x", { flag: "a" });
    expect(() => readCheckpointFile(path, emptySections)).toThrow(`must have ${size} bytes`);
  });

  it("refuses another kind of file", () => {
    writeFileSync(path, "GGUF".padEnd(1000, "x"));
    expect(() => readCheckpointFile(path, emptySections)).toThrow("does not begin like");
  });
});

function flip(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset]! ^= 1;
  writeFileSync(file, bytes);
}
