/** What the page has of a run: frames add up to it. */
import type { LogLine, RunStatus } from "@ane/run-records";
import type {
  CurveName,
  Curves,
  LiveNumbers,
  RunFacts,
  RunFrame,
  SampleText,
} from "../src/wire.js";

export interface CurveData {
  readonly steps: number[];
  readonly values: (number | null)[];
}

const LOG_LINES = 1000;
/** More points than a picture needs: time to get a thinned curve. */
const MOST_POINTS = 20_000;
/** Points that a picture can use. */
const FINE = 1000;

export class RunData {
  readonly id: string;
  /** As the list of runs has it: a process that was killed writes no event. */
  status: RunStatus | undefined;
  numbers: LiveNumbers | undefined;
  facts: RunFacts | undefined;
  problem: string | undefined;
  log: readonly LogLine[] = [];
  samples: readonly SampleText[] = [];
  readonly curves = new Map<CurveName, CurveData>();

  constructor(id: string) {
    this.id = id;
  }

  curve(name: CurveName): CurveData {
    return this.curves.get(name) ?? { steps: [], values: [] };
  }

  /** Has the newest micro-steps whole, others thinned: are there more points to be had between two of them? */
  isThin(from: number, to: number): boolean {
    const { steps } = this.curve("loss");
    const wanted = Math.min(to, steps.at(-1) ?? 0) - Math.max(from, steps[0] ?? 0);
    return steps.filter((step) => step >= from && step <= to).length < Math.min(wanted, FINE);
  }

  /** Puts a part of the curves in the place of what there is of it. */
  refine(from: number, to: number, parts: Curves): void {
    for (const [name, [steps, values]] of Object.entries(parts)) {
      const old = this.curve(name as CurveName);
      const [begin, end] = [firstAt(old.steps, from), firstAt(old.steps, to + 1)];
      this.curves.set(name as CurveName, {
        steps: [...old.steps.slice(0, begin), ...steps, ...old.steps.slice(end)],
        values: [...old.values.slice(0, begin), ...values, ...old.values.slice(end)],
      });
    }
  }

  get isHeavy(): boolean {
    return [...this.curves.values()].some(({ steps }) => steps.length > MOST_POINTS);
  }

  add(frame: RunFrame): void {
    this.problem = undefined;
    this.numbers = frame.numbers;
    this.facts = frame.facts ?? this.facts;
    if (frame.wholeTexts) {
      this.log = [];
      this.samples = [];
    }
    this.log = [...this.log, ...(frame.log ?? [])].slice(-LOG_LINES);
    this.samples = [...this.samples, ...(frame.samples ?? [])];
    if (frame.wholeCurves) this.curves.clear();
    for (const [name, [steps, values]] of Object.entries(frame.curves)) {
      const old = this.curve(name as CurveName);
      const kept = firstAt(old.steps, steps[0] ?? Number.POSITIVE_INFINITY);
      this.curves.set(name as CurveName, {
        steps: [...old.steps.slice(0, kept), ...steps],
        values: [...old.values.slice(0, kept), ...values],
      });
    }
  }
}

/** Index of the first that is not below. */
function firstAt(ascending: readonly number[], value: number): number {
  let index = ascending.length;
  while (index > 0 && ascending[index - 1]! >= value) index -= 1;
  return index;
}
