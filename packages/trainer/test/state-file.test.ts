import { spawnSync } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { StateError } from "../src/errors.js";
import { RunState } from "../src/state-file.js";
import { temporaryFolder } from "./support/temporary-folder.js";

const LENGTH = 5000;
const digest = new Uint8Array(32).fill(7);

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), "state.bin");
});

function handedOver(): void {
  using state = RunState.create(path, LENGTH, digest);
  state.parameters[0] = 1.5;
  state.gradients[LENGTH - 1] = 2.5;
  state.firstMoment[1] = 3.5;
  state.secondMoment[LENGTH - 1] = 4.5;
  state.step = 2 ** 40 + 1;
  state.updates = 17;
  state.handOver();
}

describe("state file", () => {
  it("begins with zeros, the sections apart from each other", () => {
    using state = RunState.create(path, LENGTH, digest);
    const sections = [state.parameters, state.gradients, state.firstMoment, state.secondMoment];
    sections.forEach((section, index) => {
      expect(section).toHaveLength(LENGTH);
      expect(section.every((value) => value === 0)).toBe(true);
      section.fill(index + 1);
    });
    for (const [index, section] of sections.entries()) {
      expect(section.every((value) => value === index + 1)).toBe(true);
    }
    expect([state.step, state.updates]).toEqual([0, 0]);
  });

  it("is taken up as it was handed over", () => {
    handedOver();
    using state = RunState.takeUp(path, LENGTH, digest);
    expect(state.parameters[0]).toBe(1.5);
    expect(state.gradients[LENGTH - 1]).toBe(2.5);
    expect(state.firstMoment[1]).toBe(3.5);
    expect(state.secondMoment[LENGTH - 1]).toBe(4.5);
    expect([state.step, state.updates]).toEqual([2 ** 40 + 1, 17]);
  });

  it("is seen by another process without being written out", () => {
    using state = RunState.create(path, LENGTH, digest);
    state.parameters[0] = 1.5;
    const script = `const f = require("fs").readFileSync(${JSON.stringify(path)}); process.stdout.write(String(f.readFloatLE(4096)))`;
    expect(spawnSync(process.execPath, ["-e", script], { encoding: "utf8" }).stdout).toBe("1.5");
  });

  it("replaces an old file instead of writing into it", () => {
    using old = RunState.create(path, LENGTH, digest);
    using state = RunState.create(path, LENGTH, digest);
    old.parameters[0] = 9;
    expect(state.parameters[0]).toBe(0);
  });

  it("takes the disk space that it needs at once", () => {
    using _state = RunState.create(path, LENGTH, digest);
    const { size, blocks } = statSync(path);
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
  });

  it("is refused where its process ended in the middle", () => {
    RunState.create(path, LENGTH, digest).dispose();
    expect(() => RunState.takeUp(path, LENGTH, digest)).toThrow("ended in the middle");
    handedOver();
    RunState.takeUp(path, LENGTH, digest).dispose();
    expect(() => RunState.takeUp(path, LENGTH, digest)).toThrow(StateError);
  });

  it("is refused where it is another run's, another size, another kind or absent", () => {
    handedOver();
    expect(() => RunState.takeUp(path, LENGTH, new Uint8Array(32))).toThrow("another recipe's");
    expect(() => RunState.takeUp(path, LENGTH + 4096, digest)).toThrow("bytes");
    writeFileSync(path, Buffer.alloc(statSync(path).size));
    expect(() => RunState.takeUp(path, LENGTH, digest)).toThrow("must begin with ANESTATE");
    expect(() => RunState.takeUp(`${path}.absent`, LENGTH, digest)).toThrow("no file");
    expect(existsSync(`${path}.absent`)).toBe(false);
  });
});
