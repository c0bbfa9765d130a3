/** The loss with the ids of a text as classes: the same as over the vocabulary with the other ids' logits at 0. */
import { Parameters } from "@ane/llama-model";
import { describe, expect, it, onTestFinished } from "vitest";
import { ClassifierHead } from "../src/classifier-head.js";
import { CompactVocabulary } from "../src/compact-vocabulary.js";
import { trainInProcess } from "../src/index.js";
import { addedInPlace } from "../src/pipeline-parts.js";
import { StepClock } from "../src/step-clock.js";
import { StepCounters } from "../src/step-counters.js";
import { WeightGradients } from "../src/weight-gradients.js";
import { relativeError } from "./support/gradient-fixture.js";
import { collect, losses, ofType, tinyModel, tinyRun } from "./support/tiny-run.js";

const S = 32;
const { dim: D, vocabSize: V, normEps } = tinyModel;
const lossScale = 64;

/** Every third id and one more occurs. */
const text = Uint16Array.from({ length: 100 }, (_, i) => (i === 50 ? 1 : (i * 3) % (V - 1)));
const vocabulary = new CompactVocabulary(text, V);
const seen = new Set(text);
const targets = text.subarray(30, 30 + S);

function wave(length: number, phase: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7 + phase));
}

function openHead(compact: boolean) {
  const parameters = new Parameters(tinyModel);
  const gradients = new Parameters(tinyModel);
  parameters.data.set(wave(parameters.data.length, 1));
  const counters = new StepCounters();
  const precision = "fp32" as const;
  const weightGradients = new WeightGradients({
    addedInPlace: addedInPlace(gradients),
    counters,
    precision,
  });
  onTestFinished(() => weightGradients[Symbol.dispose]());
  const classes = compact ? { vocabulary } : {};
  const shared = { parameters, gradients, weightGradients, counters, precision };
  const head = new ClassifierHead({ ...shared, S, ...classes });
  const dx = new Float32Array(D * S);
  const step = (accumulate: boolean, x = wave(D * S, 2)) => {
    weightGradients.begin(accumulate);
    const loss = head.forwardBackward(x, targets, dx, lossScale, new StepClock());
    weightGradients.wait();
    return loss;
  };
  return { parameters, gradients, dx, step };
}

/** Final norm, logits with those of unseen ids at 0, cross-entropy and all gradients, in float64. */
function reference({ classifier: E, finalNorm: weight }: Parameters, x: Float32Array) {
  const dE = new Float64Array(V * D);
  const dx = new Float64Array(D * S);
  let loss = 0;
  for (let s = 0; s < S; s++) {
    const row = Array.from({ length: D }, (_, d) => x[d * S + s]!);
    const r = 1 / Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0) / D + normEps);
    const xn = row.map((value, d) => value * r * weight[d]!);
    const logits = Array.from({ length: V }, (_, v) =>
      seen.has(v) ? xn.reduce((sum, value, d) => sum + value * E[v * D + d]!, 0) : 0,
    );
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    loss += (Math.log(total) - logits[targets[s]!]!) / S;
    const dxn = new Float64Array(D);
    logits.forEach((logit, v) => {
      if (!seen.has(v)) return;
      const dlogit = ((Math.exp(logit) / total - (v === targets[s] ? 1 : 0)) * lossScale) / S;
      for (let d = 0; d < D; d++) {
        dE[v * D + d]! += dlogit * xn[d]!;
        dxn[d]! += dlogit * E[v * D + d]!;
      }
    });
    const along = row.reduce((sum, value, d) => sum + dxn[d]! * weight[d]! * value, 0);
    row.forEach((value, d) => {
      dx[d * S + s] = r * (dxn[d]! * weight[d]! - (value * r * r * along) / D);
    });
  }
  return { loss, dE: Float32Array.from(dE), dx: Float32Array.from(dx) };
}

describe("a compact vocabulary", () => {
  it("has the ids of the text in order, as classes", () => {
    expect([...vocabulary.ids]).toEqual([...seen].sort((a, b) => a - b));
    const classes = vocabulary.classesOf(text);
    expect([...classes].map((c) => vocabulary.ids[c])).toEqual([...text]);
  });

  it("gives the loss and gradients of logits of which the other ids' are 0", () => {
    const { parameters, gradients, dx, step } = openHead(true);
    const loss = step(false);
    const expected = reference(parameters, wave(D * S, 2));
    expect(loss).toBeCloseTo(expected.loss, 5);
    expect(relativeError(gradients.classifier, expected.dE)).toBeLessThan(1e-5);
    expect(relativeError(dx, expected.dx)).toBeLessThan(1e-5);
  });

  it("overwrites its gradients in the first micro-step of an update, adds later, and leaves other rows", () => {
    const { gradients, step } = openHead(true);
    const dE = gradients.classifier;
    step(false);
    const first = dE.slice();
    for (const [i] of dE.entries()) dE[i] = seen.has(Math.floor(i / D)) ? Number.NaN : 7;
    step(false);
    step(true);
    dE.forEach((value, i) => {
      if (seen.has(Math.floor(i / D))) expect(value).toBeCloseTo(2 * first[i]!, 5);
      else expect(value).toBe(7);
    });
  });

  it("takes over the classifier's new values at the next update", () => {
    const { parameters, step } = openHead(true);
    const before = step(false);
    parameters.classifier.set(wave(V * D, 3));
    expect(step(true)).toBe(before);
    const after = step(false);
    expect(after).not.toBe(before);
    expect(after).toBeCloseTo(reference(parameters, wave(D * S, 2)).loss, 5);
  });
});

describe("a run with compactVocab", () => {
  const settings = { steps: 6, accum: 2 } as const;

  it("of a text with every id is one of the full vocabulary, bit for bit", async () => {
    const full = await collect(trainInProcess(tinyRun(settings).options));
    const compact = await collect(
      trainInProcess(tinyRun({ ...settings, compactVocab: true }).options),
    );
    expect(ofType(compact, "run")[0]?.classes).toBe(V);
    expect(losses(compact)).toEqual(losses(full));
  });

  it("of a text with half of the ids counts those, and its loss is one over all of them", async () => {
    const { options } = tinyRun({ ...settings, compactVocab: true }, { ids: V / 2 });
    const events = await collect(trainInProcess({ ...options, validation: options.data }));
    const [run] = ofType(events, "run");
    expect(run?.classes).toBe(V / 2);
    expect(Math.abs(losses(events)[0]![1] - Math.log(V))).toBeLessThan(0.1);
    const [held] = ofType(events, "evaluation");
    // Other windows; a loss over half of the ids would be 0.7 away.
    expect(Math.abs(held!.meanNll - losses(events).at(-1)![1])).toBeLessThan(0.35);
    const { options: full } = tinyRun(settings, { ids: V / 2 });
    const [fullRun] = ofType(await collect(trainInProcess(full)), "run");
    expect(run?.flopsPerStep).toBe(fullRun!.flopsPerStep - 3 * 2 * S * D * (V / 2));
  });

  it("resumes in the middle of an update bit for bit", async () => {
    const given = { compactVocab: true, steps: 8, accum: 3 } as const;
    const whole = losses(await collect(trainInProcess(tinyRun(given, { ids: V / 2 }).options)));
    const { options } = tinyRun({ ...given, steps: 4 }, { ids: V / 2 });
    const first = losses(await collect(trainInProcess(options)));
    const rest = losses(await collect(trainInProcess({ resume: options.out, steps: 8 })));
    expect([...first, ...rest]).toEqual(whole);
  });
});
