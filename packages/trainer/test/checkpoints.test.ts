import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parameterLayout } from "@ane/llama-model";
import { beforeEach, describe, expect, it } from "vitest";
import { Checkpoints } from "../src/checkpoints.js";
import { CheckpointError } from "../src/errors.js";
import { readCheckpoint } from "../src/read-checkpoint.js";
import { runPaths } from "../src/run-directory.js";
import type { RunState } from "../src/run-state.js";
import { newState } from "./support/new-state.js";
import { sameBits } from "./support/same-bits.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { tinyModel } from "./support/tiny-run.js";

const LENGTH = parameterLayout(tinyModel).total;
const digest = new Uint8Array(32).fill(1);

let run: string;
let folder: string;
let checkpoints: Checkpoints;
let state: RunState;

beforeEach(() => {
  run = temporaryFolder();
  folder = runPaths(run).checkpoints;
  checkpoints = new Checkpoints(folder, tinyModel, digest);
  state = newState(LENGTH);
});

/** A state that differs from step to step in every section. */
function setStep(step: number): void {
  for (const [index, section] of Object.values(sectionsOf(state)).entries()) {
    section.forEach((_, i) => {
      section[i] = step + index / 4 + i / LENGTH;
    });
  }
  state.step = step;
  state.updates = step * 2;
}

function sectionsOf({ parameters, firstMoment, secondMoment, gradients }: RunState) {
  return { parameters, firstMoment, secondMoment, gradients };
}

function restored() {
  const other = newState(LENGTH);
  const result = checkpoints.restore(other);
  return { ...result, other };
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 4;
  writeFileSync(path, bytes);
}

describe("checkpoints of a run", () => {
  it("restore what was saved, bit for bit, gradients where they are pending", () => {
    setStep(3);
    const { path, bytes } = checkpoints.save(state, true);
    expect(path).toBe(join(folder, "step-00000003.ckpt"));
    expect(readFileSync(path)).toHaveLength(bytes);
    const { step, refused, other } = restored();
    expect([step, refused, other.step, other.updates]).toEqual([3, [], 3, 6]);
    for (const [name, section] of Object.entries(sectionsOf(state))) {
      expect(sameBits(section, other[name as "parameters"])).toBe(true);
    }
    other[Symbol.dispose]();
  });

  it("leave out gradients at the end of an update", () => {
    setStep(4);
    checkpoints.save(state, false);
    const { other } = restored();
    expect(sameBits(other.parameters, state.parameters)).toBe(true);
    expect(other.gradients.every((value) => value === 0)).toBe(true);
    other[Symbol.dispose]();
  });

  it("keep the last two", () => {
    for (const step of [5, 10, 15, 100_000_000]) {
      setStep(step);
      checkpoints.save(state, false);
    }
    expect(readdirSync(folder).sort()).toEqual(["step-00000015.ckpt", "step-100000000.ckpt"]);
    expect(checkpoints.newestStep).toBe(100_000_000);
  });

  it("are none in a new run", () => {
    const { step, other } = restored();
    expect(step).toBe(0);
    expect(checkpoints.newestStep).toBe(0);
    other[Symbol.dispose]();
  });

  it.each<[string, (path: string) => void, string]>([
    ["torn", (path) => truncateSync(path, 10_000), "must have"],
    ["bit-flipped", (path) => flip(path, 20_000), "SHA-256"],
    ["foreign", (path) => writeFileSync(path, "something else altogether"), "does not begin like"],
  ])("pass over a %s one and say so", (_kind, damage, reason) => {
    for (const step of [5, 10]) {
      setStep(step);
      checkpoints.save(state, false);
    }
    const newest = join(folder, "step-00000010.ckpt");
    damage(newest);
    const { step, refused, other } = restored();
    expect(step).toBe(5);
    expect(other.step).toBe(5);
    expect(other.parameters[0]).toBe(5);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ path: newest, reason: expect.stringContaining(reason) });
    expect(readdirSync(folder).sort()).toEqual([
      "step-00000005.ckpt",
      "step-00000010.ckpt.refused",
    ]);
    other[Symbol.dispose]();
  });

  it("of another run are refused", () => {
    setStep(5);
    new Checkpoints(folder, tinyModel, new Uint8Array(32).fill(2)).save(state, false);
    setStep(4);
    checkpoints.save(state, false);
    const { step, refused, other } = restored();
    expect(step).toBe(4);
    expect(refused[0]?.reason).toBe("it belongs to another run");
    other[Symbol.dispose]();
  });

  it("are an error where none is intact, naming each", () => {
    for (const step of [5, 10]) {
      setStep(step);
      flip(checkpoints.save(state, false).path, 20_000);
    }
    expect(restored).toThrow(CheckpointError);
    expect(restored).toThrow(/step-00000010.ckpt: its SHA-256 is wrong; step-00000005.ckpt/);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it("remove what a killed process left half-written", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "step-00000005.ckpt.123.partial"), "half");
    restored().other[Symbol.dispose]();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("give their parameters to other programs", () => {
    setStep(5);
    const { path } = checkpoints.save(state, false);
    for (const from of [path, run]) {
      const { parameters, step } = readCheckpoint(from);
      expect(step).toBe(5);
      expect(parameters.config).toEqual(tinyModel);
      expect(sameBits(parameters.data, state.parameters)).toBe(true);
    }
    flip(path, 20_000);
    expect(() => readCheckpoint(path)).toThrow(CheckpointError);
    const withDim64 = readFileSync(path).toString("latin1").replace('"dim":32', '"dim":64');
    writeFileSync(path, withDim64, "latin1");
    expect(() => readCheckpoint(path)).toThrow("its header is damaged");
    expect(() => readCheckpoint(temporaryFolder())).toThrow("must have a checkpoint");
  });
});

/** A file system of 256 KiB over the folder: room for one checkpoint. */
function mountSmall(path: string): boolean {
  mkdirSync(path, { recursive: true });
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", path]);
  return status === 0;
}

describe("on a full disk", () => {
  it("say how much space is missing and leave the earlier one intact", ({ skip }) => {
    if (!mountSmall(folder)) skip("needs the right to mount a small file system");
    try {
      setStep(5);
      checkpoints.save(state, false);
      setStep(6);
      expect(() => checkpoints.save(state, true)).toThrow(
        /earlier checkpoints are intact; make .* GB/,
      );
      expect(readdirSync(folder)).toEqual(["step-00000005.ckpt"]);
      const { step, other } = restored();
      expect(step).toBe(5);
      other[Symbol.dispose]();
    } finally {
      spawnSync("umount", [folder]);
    }
  });
});
