import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parameterLayout } from "@ane/llama-model";
import { beforeEach, describe, expect, it } from "vitest";
import { Checkpoints } from "../src/checkpoints.js";
import { CheckpointError } from "../src/errors.js";
import { readCheckpoint } from "../src/read-checkpoint.js";
import type { RunConfig } from "../src/run-config.js";
import { runPaths } from "../src/run-directory.js";
import type { RunState } from "../src/run-state.js";
import { newState } from "./support/new-state.js";
import { sameBits } from "./support/same-bits.js";
import { CANNOT_MOUNT, SmallDisk } from "./support/small-disk.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { tinyModel } from "./support/tiny-run.js";

const LENGTH = parameterLayout(tinyModel).total;

/** Of a run with checkpoints like any other's. */
function configOf(keep = 2, seed = 1): RunConfig {
  return { recipe: { model: tinyModel, seed }, execution: { keep } } as RunConfig;
}

let run: string;
let folder: string;
let checkpoints: Checkpoints;
let state: RunState;

beforeEach(() => {
  run = temporaryFolder();
  folder = runPaths(run).checkpoints;
  checkpoints = new Checkpoints(folder, configOf());
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
  state.counters.forEach((_, i) => {
    state.counters[i] = step / (i + 3);
  });
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
    expect(other.counters).toEqual(state.counters);
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

  it.each([
    [1, ["step-100000000.ckpt"]],
    [2, ["step-00000015.ckpt", "step-100000000.ckpt"]],
    [3, ["step-00000010.ckpt", "step-00000015.ckpt", "step-100000000.ckpt"]],
  ])("keep the last %i", (keep, kept) => {
    checkpoints = new Checkpoints(folder, configOf(keep));
    for (const step of [5, 10, 15, 100_000_000]) {
      setStep(step);
      checkpoints.save(state, false);
    }
    expect(readdirSync(folder).sort()).toEqual(kept);
    expect(checkpoints.newestStep).toBe(100_000_000);
  });

  it("are as many as wanted also where a process was killed before it removed the oldest", () => {
    const patient = new Checkpoints(folder, configOf(3));
    for (const step of [5, 10, 15]) {
      setStep(step);
      patient.save(state, false);
    }
    const { step, other } = restored();
    expect(step).toBe(15);
    expect(readdirSync(folder).sort()).toEqual(["step-00000010.ckpt", "step-00000015.ckpt"]);
    other[Symbol.dispose]();
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

  it.each(["header", "parameters", "firstMoment", "secondMoment", "gradients", "SHA-256"])(
    "pass over one with a flipped bit in its %s, and restore nothing of it",
    (part) => {
      setStep(4);
      checkpoints.save(state, false);
      const before = state.parameters.slice();
      setStep(10);
      const { path, bytes } = checkpoints.save(state, true);
      const sections = ["parameters", "firstMoment", "secondMoment", "gradients"];
      const start = bytes - 32 - 4 * LENGTH * sections.length;
      const index = sections.indexOf(part);
      const inside = index < 0 ? undefined : start + (index + 0.5) * 4 * LENGTH;
      flip(
        path,
        inside ?? (part === "header" ? readFileSync(path).indexOf('"updates"') : bytes - 1),
      );
      const { step, refused, other } = restored();
      expect(step).toBe(4);
      expect(refused).toHaveLength(1);
      expect(sameBits(other.parameters, before)).toBe(true);
      expect(other.gradients.every((value) => value === 0)).toBe(true);
      other[Symbol.dispose]();
    },
  );

  it("of another run are refused", () => {
    setStep(5);
    new Checkpoints(folder, configOf(2, 2)).save(state, false);
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

describe("the best checkpoint", () => {
  const saveBest = (step: number, meanNll: number, windows = 32, data = "a") => {
    setStep(step);
    return checkpoints.saveBest(state, { meanNll, windows, data });
  };
  const path = () => join(folder, "best.ckpt");

  it("is that of the lowest loss, also for a process that comes later", () => {
    expect(saveBest(5, 3)?.path).toBe(path());
    expect(saveBest(10, 3)).toBeUndefined();
    expect(saveBest(15, Number.NaN)).toBeUndefined();
    expect(readCheckpoint(path()).step).toBe(5);
    checkpoints = new Checkpoints(folder, configOf());
    expect(saveBest(20, 3.5)).toBeUndefined();
    expect(saveBest(25, 2.5)?.path).toBe(path());
    const best = readCheckpoint(path());
    expect(best.step).toBe(25);
    expect(sameBits(best.parameters.data, state.parameters)).toBe(true);
  });

  it("is compared over the same windows alone", () => {
    saveBest(5, 2, 32);
    expect(saveBest(10, 3, 64)).toBeDefined();
    expect(saveBest(15, 4, 64, "another file")).toBeDefined();
    expect(readCheckpoint(path()).step).toBe(15);
  });

  it("is neither counted among the last ones nor gone on from", () => {
    saveBest(30, 2);
    for (const step of [5, 10, 15]) {
      setStep(step);
      checkpoints.save(state, false);
    }
    expect(readdirSync(folder).sort()).toEqual([
      "best.ckpt",
      "step-00000010.ckpt",
      "step-00000015.ckpt",
    ]);
    copyFileSync(path(), join(folder, "step-00000030.ckpt"));
    const { step, refused } = restored();
    expect(step).toBe(15);
    expect(refused[0]?.reason).toBe("it holds parameters alone");
  });

  it("is set aside where it is damaged, and replaced by the next", () => {
    saveBest(5, 2);
    setStep(10);
    checkpoints.save(state, false);
    flip(path(), 20_000);
    checkpoints = new Checkpoints(folder, configOf());
    const { step, refused } = restored();
    expect(step).toBe(10);
    expect(refused).toEqual([{ path: path(), reason: "its SHA-256 is wrong" }]);
    expect(saveBest(15, 3)).toBeDefined();
    expect(readCheckpoint(path()).step).toBe(15);
  });
});

describe("on a full disk", () => {
  it("say how much space is missing and leave the earlier one intact", ({ skip }) => {
    // Room for one checkpoint.
    if (!SmallDisk.mount(folder, 256)) skip(CANNOT_MOUNT);
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
  });
});
