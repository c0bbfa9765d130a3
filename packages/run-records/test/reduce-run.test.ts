/** What a run's events add up to. */
import { describe, expect, it } from "vitest";
import { reduceRun } from "../src/reduce-run.js";
import { runNumbers } from "../src/run-numbers.js";
import { initialRunState, LOG_LINES } from "../src/run-state.js";
import { config, evaluation, run, stateOf, step, steps } from "./support/run-files.js";

const texts = (state: ReturnType<typeof stateOf>) => state.log.map(({ text }) => text);

describe("a run", () => {
  it("knows nothing at first", () => {
    const numbers = runNumbers(initialRunState());
    expect(numbers).toMatchObject({ step: 0, updates: 0, skippedUpdates: 0, workedMs: 0 });
    const known = Object.entries(numbers).filter(([, value]) => value !== undefined);
    expect(known.map(([name]) => name)).toEqual(["step", "updates", "skippedUpdates", "workedMs"]);
  });

  it("adds up", () => {
    const state = stateOf([
      run(),
      { type: "compile", step: 0, kernels: 4, ms: 30, used: 4, limit: 119 },
      step(1),
      step(2, { gradNorm: 2, lossScale: 256, underflow: 0.25, skippedUpdates: 0 }),
      step(3),
      step(4, { lossScale: 256, underflow: 0.5, skippedUpdates: 1 }),
      evaluation(4, 3),
      step(5, { ms: 30 }),
      step(6, { gradNorm: 0.5, lossScale: 128, underflow: 0, skippedUpdates: 1, ms: 30 }),
    ]);
    expect(runNumbers(state)).toMatchObject({
      step: 6,
      steps: 100,
      tokens: 384,
      epoch: 0.06,
      loss: 9.4,
      bestSmoothedLoss: { step: 6 },
      validation: { step: 4, value: 3 },
      perplexity: Math.exp(3),
      bitsPerByte: undefined,
      gradNorm: 0.5,
      clipShare: 0.5,
      updates: 2,
      skippedUpdates: 1,
      lossScale: 128,
      underflow: 0,
      msPerStep: 100 / 6,
      workedMs: 150,
    });
    const { tokensPerSecond, tflops, deviceTflops, deviceShare, remainingMs } = runNumbers(state);
    expect(tokensPerSecond).toBeCloseTo(384 / 0.1, 8);
    expect(tflops).toBeCloseTo((6 * 2e9) / 0.1 / 1e12, 12);
    expect(deviceTflops).toBeCloseTo(4e8 / 0.004 / 1e12, 12);
    expect(deviceShare).toBeCloseTo(24 / 100, 12);
    expect(remainingMs).toBeCloseTo(94 * (100 / 6) * 1.5, 8);
    expect(state.budget).toEqual({ used: 4, limit: 119 });
    expect([...state.series.gradNorm.steps.values()]).toEqual([2, 6]);
    expect(texts(state)).toContain("update skipped: gradients overflowed at loss scale 256");
  });

  it("counts ranks: an event is a micro-step on each", () => {
    const state = stateOf([run({ ranks: 2 }), step(2, { tokens: 128 }), step(4, { tokens: 128 })]);
    const { tokens, tokensPerSecond, tflops, remainingMs } = runNumbers(state);
    expect(tokens).toBe(256);
    expect(tokensPerSecond).toBeCloseTo(128 / 0.01, 8);
    expect(tflops).toBeCloseTo((2 * 2e9) / 0.01 / 1e12, 12);
    expect(remainingMs).toBeCloseTo(96 * 5, 8);
  });

  it("ends by its minutes where it has no number of micro-steps", () => {
    const endless = run({ steps: Number.MAX_SAFE_INTEGER, minutes: 1 });
    const { steps: all, remainingMs } = runNumbers(stateOf([endless, ...steps(1, 3)]));
    expect(all).toBeUndefined();
    expect(remainingMs).toBe(60_000 - 30);
    const forever = { ...endless, minutes: 0 };
    expect(runNumbers(stateOf([forever, ...steps(1, 3)])).remainingMs).toBeUndefined();
  });

  it("leaves an earlier state as it was", () => {
    const before = stateOf([run(), ...steps(1, 5)]);
    const kept = structuredClone([...before.series.loss.values.values()]);
    const after = [...steps(6, 40), run({ resumedFrom: 3 }), ...steps(4, 9)].reduce(
      reduceRun,
      before,
    );
    expect(after.step).toBe(9);
    expect(before.step).toBe(5);
    expect([...before.series.loss.values.values()]).toEqual(kept);
  });
});

describe("a resume from an older checkpoint", () => {
  const first = [
    run(),
    step(1),
    step(2, { gradNorm: 3, lossScale: 256, underflow: 0, skippedUpdates: 0 }),
    evaluation(2, 4),
    ...steps(3, 7),
    step(8, { gradNorm: 3, lossScale: 256, underflow: 0, skippedUpdates: 0 }),
    evaluation(8, 3),
  ];

  it("makes later micro-steps void", () => {
    const state = stateOf([...first, run({ resumedFrom: 2 }), step(3)]);
    const straight = stateOf([...first.slice(0, 4), step(3)]);
    expect(state.rewinds).toBe(1);
    for (const name of ["loss", "ms", "gradNorm", "validation"] as const) {
      expect([...state.series[name].values.values()]).toEqual([
        ...straight.series[name].values.values(),
      ]);
    }
    const { workedMs, remainingMs, ...numbers } = runNumbers(state);
    expect(numbers).toEqual(expect.objectContaining(withoutTimes(runNumbers(straight))));
    expect(workedMs).toBe(9 * 10 + 2 * 20);
    expect(remainingMs).toBeGreaterThan(0);
    expect(texts(state)).toContain(
      "micro-steps 3 to 8 are void: the run goes on from an older checkpoint",
    );
  });

  it("does nothing to a run that goes on where it was", () => {
    const state = stateOf([...first, run({ resumedFrom: 8 }), step(9)]);
    expect(state.rewinds).toBe(0);
    expect(state.invocations).toBe(2);
    expect(state.series.loss.length).toBe(9);
    expect(texts(state)).toContain("resumed from micro-step 8");
  });
});

describe("events beside micro-steps", () => {
  it("are kept or counted", () => {
    const state = stateOf([
      { ...run(), time: 1000 },
      { type: "restart", step: 1, used: 118, limit: 119, ms: 80 },
      {
        type: "sample",
        step: 2,
        prompt: "Once",
        text: "Once upon\na time",
        tokens: 3,
        temperature: 0,
        seed: 1,
        ms: 5,
      },
      {
        type: "system",
        step: 2,
        ms: 2000,
        processes: 2,
        memory: 5e8,
        busyCores: 1.5,
        cores: 2,
        power: { ane: 2, cpu: 3 },
      },
      { type: "pause", step: 2 },
      { ...evaluation(2, 2), bitsPerByte: 0.7, time: 5000 },
    ]);
    expect(state).toMatchObject({
      restarts: 1,
      isPaused: true,
      joules: 10,
      firstTime: 1000,
      lastTime: 5000,
    });
    expect(state.budget).toEqual({ used: 0, limit: 119 });
    expect(state.series.anePower.last).toEqual({ step: 2, value: 2 });
    expect(state.series.gpuPower.length).toBe(0);
    expect(runNumbers(state)).toMatchObject({ bitsPerByte: 0.7, watts: 5 });
    expect(texts(state)).toContain("sample: Once upon a time");
    const after = [{ type: "resume", step: 2, ms: 3000 } as const, step(3)].reduce(
      reduceRun,
      state,
    );
    expect(after).toMatchObject({ isPaused: false, times: { pause: 3000 } });
    expect(runNumbers(after).joulesPerToken).toBeCloseTo((5 * 0.01) / 64, 12);
  });

  it("change nothing where they are unknown, and warn where they cannot be read", () => {
    const state = stateOf([run(), step(1)]);
    const foreign = { type: "weather", step: 7, sunny: true } as never;
    expect(reduceRun(state, foreign)).toBe(state);
    const damaged = reduceRun(state, { type: "unreadable", offset: 12, reason: "no JSON" });
    expect(damaged.log.at(-1)).toEqual({
      step: 1,
      kind: "warning",
      text: "a line of the record at byte 12 is not an event: no JSON",
    });
  });

  it("fill a log of limited length", () => {
    const many = Array.from({ length: LOG_LINES + 5 }, (_, index) => evaluation(index, index));
    const state = stateOf(many);
    expect(state.log).toHaveLength(LOG_LINES);
    expect(state.log.at(-1)?.step).toBe(LOG_LINES + 4);
  });

  it("tell of losses that are no numbers without spoiling the running mean", () => {
    const state = stateOf([run(), step(1, { loss: 4 }), step(2, { loss: null as never })]);
    expect(state.series.loss.last?.value).toBeNaN();
    expect(state.series.smoothedLoss[0.9].last?.value).toBe(4);
  });
});

it("says when a run has ended", () => {
  const report = {} as never;
  const done = { type: "done", reason: "completed", step: 2, directory: "/", report } as const;
  const state = stateOf([run(), ...steps(1, 2), done]);
  expect(runNumbers(state).remainingMs).toBe(0);
  expect(texts(state).at(-1)).toBe("completed");
  expect(reduceRun(state, run({ resumedFrom: 2 })).done).toBeUndefined();
  expect(state.config).toBe(config);
});

function withoutTimes({
  workedMs: _worked,
  remainingMs: _remaining,
  ...numbers
}: ReturnType<typeof runNumbers>) {
  return numbers;
}
