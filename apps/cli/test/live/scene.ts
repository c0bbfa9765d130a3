/** A run as the live view sees it, made of events that are always the same. */
import { initialRunState, type RunState, reduceRun, runNumbers } from "@ane/run-records";
import type { RunConfig, StepEvent, TrainEvent } from "@ane/trainer";
import { INITIAL_CONTROLS } from "../../src/view/live/controls.js";
import type { Scene } from "../../src/view/live/scene.js";
import { UNICODE_GLYPHS } from "../../src/view/live/style.js";

export const START = Date.UTC(2026, 0, 2, 9, 0, 0);
const MS = 480;

const config = {
  version: 1,
  recipe: {
    model: { name: "stories15m", vocabSize: 32000 },
    seq: 256,
    accum: 10,
    clip: 1,
    data: { sha256: "", tokens: 400_000 },
  },
  execution: { steps: 2000, minutes: 0, validationPath: "embedded" },
} as unknown as RunConfig;

const breakdown = {
  data: 0.2,
  device: 260,
  conversion: 41,
  classifier: 88,
  loss: 12,
  weightGradient: 30,
  elementwise: 22,
  optimizer: 9,
  exchange: 0,
  staging: 4,
  other: 13.8,
};

/** Falls from ln 32000 with a wave of noise. */
function lossAt(step: number): number {
  return 2.1 + 8.2 * Math.exp(-step / 120) + 0.25 * Math.sin(step * 12.9898);
}

export function eventsOf(steps: number): TrainEvent[] {
  const events: TrainEvent[] = [
    {
      type: "run",
      time: START,
      directory: "/home/me/runs/stories15m-20260102",
      model: "stories15m",
      parameters: 24_407_712,
      pipeline: "dynamic",
      device: "cpu, 8 threads of AVX-512",
      seed: 42,
      steps: 2000,
      minutes: 0,
      accum: 10,
      ranks: 1,
      trainTokens: 400_000,
      classes: 32000,
      resumedFrom: 0,
      flopsPerStep: 4.4e10,
      refusedCheckpoints: [],
    },
    { type: "compile", time: START + 90, step: 0, kernels: 4, ms: 84, used: 4, limit: 119 },
  ];
  for (let step = 1; step <= steps; step++) {
    const time = START + step * MS;
    const update = step % 10 === 0;
    events.push({
      type: "step",
      time,
      step,
      loss: lossAt(step),
      lr: 3e-4 * Math.min(1, step / 200),
      ms: MS,
      tokens: 256,
      breakdown,
      counts: { deviceFlops: 2.4e10 } as StepEvent["counts"],
      ...(update && {
        gradNorm: 0.7 + 2 / (1 + step / 50),
        lossScale: 256,
        underflow: 0.002,
        skippedUpdates: 0,
      }),
    });
    if (step % 100 === 0) events.push(...atHundred(step, time));
  }
  return events;
}

function atHundred(step: number, time: number): TrainEvent[] {
  return [
    {
      type: "evaluation",
      time,
      step,
      meanNll: lossAt(step) + 0.2,
      windows: 32,
      data: "00",
      ms: 900,
      bitsPerByte: (lossAt(step) + 0.2) / Math.LN2 / 4.1,
    },
    {
      type: "sample",
      time,
      step,
      prompt: "Once upon a time",
      text: 'Once upon a time, there was a little girl named Lily. She loved to play outside in the park with her friend Tom. One day they found a big red ball under a tree, and Lily said: "Let\'s play!"\nTom was very happy. They played all day, and went home when the sun went down.',
      tokens: 64,
      temperature: 0.8,
      seed: 43,
      ms: 700,
    },
    { type: "checkpoint", time, step, kind: "last", path: "c", bytes: 292_900_000, ms: 210 },
    {
      type: "system",
      time,
      step,
      ms: 2000,
      processes: 2,
      memory: 812e6,
      busyCores: 7.2,
      cores: 8,
    },
  ];
}

export function stateOf(events: readonly TrainEvent[]): RunState {
  return events.reduce(reduceRun, initialRunState(config));
}

export function sceneOf(state: RunState, given: Partial<Scene> = {}): Scene {
  return {
    state,
    numbers: runNumbers(state),
    status: "running",
    controls: INITIAL_CONTROLS,
    glyphs: UNICODE_GLYPHS,
    now: (state.lastTime ?? START) + 250,
    utcOffset: 0,
    peakTflops: 0.16,
    notice: undefined,
    role: "train",
    ...given,
  };
}
