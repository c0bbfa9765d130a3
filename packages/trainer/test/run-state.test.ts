import { createSharedMemory, mapSharedMemory, type SharedMemory } from "@ane/accel-ops";
import { type LlamaConfig, parameterLayout } from "@ane/llama-model";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { StateError } from "../src/errors.js";
import type { RunConfig } from "../src/run-config.js";
import { RunState } from "../src/run-state.js";
import { ownStateMemory, sharedStateMemory } from "../src/state-memory.js";
import { newState } from "./support/new-state.js";
import { tinyModel } from "./support/tiny-run.js";

const LENGTH = 5000;

let memory: SharedMemory;
beforeEach(() => {
  memory = createSharedMemory(RunState.bytes(LENGTH));
  onTestFinished(() => memory.dispose());
});

/** The state as one process sees it. */
function mapped(): RunState {
  return new RunState(mapSharedMemory(memory.descriptor), LENGTH);
}

describe("the state", () => {
  it("begins with zeros, the sections apart from each other", () => {
    using state = mapped();
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

  it("is taken up as it was handed over, by a process that had it mapped all the time", () => {
    using next = mapped();
    {
      using state = mapped();
      state.begin();
      state.parameters[0] = 1.5;
      state.gradients[LENGTH - 1] = 2.5;
      state.firstMoment[1] = 3.5;
      state.secondMoment[LENGTH - 1] = 4.5;
      state.step = 2 ** 40 + 1;
      state.updates = 17;
      state.handOver();
    }
    next.takeUp();
    expect(next.parameters[0]).toBe(1.5);
    expect(next.gradients[LENGTH - 1]).toBe(2.5);
    expect(next.firstMoment[1]).toBe(3.5);
    expect(next.secondMoment[LENGTH - 1]).toBe(4.5);
    expect([next.step, next.updates]).toEqual([2 ** 40 + 1, 17]);
  });

  it("is refused where nobody handed it over", () => {
    using state = mapped();
    using next = mapped();
    expect(() => next.takeUp()).toThrow("handed over, got one in phase new");
    state.begin();
    expect(() => next.takeUp()).toThrow("handed over, got one in phase working");
    state.handOver();
    next.takeUp();
    expect(() => next.takeUp()).toThrow(StateError);
  });

  it("is not begun twice", () => {
    using state = mapped();
    state.begin();
    expect(() => state.begin()).toThrow("must be new, got one in phase working");
  });

  it("is refused in memory of another size", () => {
    using held = mapSharedMemory(memory.descriptor);
    expect(() => new RunState(held, LENGTH + 4096)).toThrow(/must have \d+ bytes, got \d+/);
  });
});

describe("its memory", () => {
  const config = (sizes: Partial<LlamaConfig> = {}) =>
    ({ recipe: { model: { ...tinyModel, ...sizes } } }) as RunConfig;

  it("has room for the model's state, in one process or several", () => {
    const { total } = parameterLayout(tinyModel);
    using shared = sharedStateMemory(config());
    using own = new RunState(ownStateMemory(config()), total);
    using first = new RunState(mapSharedMemory(shared.descriptor), total);
    using second = new RunState(mapSharedMemory(shared.descriptor), total);
    first.parameters[total - 1] = 1;
    expect(second.parameters[total - 1]).toBe(1);
    expect(own.parameters[total - 1]).toBe(0);
  });

  it("is refused before anything is lost where the machine has not so much", () => {
    const huge = config({ vocabSize: 2 ** 22, dim: 2 ** 15 }); // 2 TB
    for (const allocate of [sharedStateMemory, ownStateMemory]) {
      expect(() => allocate(huge)).toThrow(StateError);
      expect(() => allocate(huge)).toThrow(/must have \d+\.\d\d GB of memory, got \d+\.\d\d GB\./);
    }
  });
});

it("starts as new in ordinary memory", () => {
  using state = newState(LENGTH);
  state.begin();
  expect(state.step).toBe(0);
});
