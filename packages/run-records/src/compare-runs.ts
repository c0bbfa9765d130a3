/** Several runs beside each other: what they were told differently, and what came of it. */
import type { Run } from "./read-run.js";
import { type ChartCurve, lossChart } from "./report/loss-chart.js";
import { settings } from "./report/settings.js";
import { type RunNumbers, runNumbers } from "./run-numbers.js";

export interface Comparison {
  readonly runs: readonly {
    readonly id: string;
    readonly directory: string;
    readonly status: Run["status"];
    readonly numbers: RunNumbers;
  }[];
  /** Settings that are not the same in all runs; undefined where a run does not have it. */
  readonly differences: readonly SettingDifference[];
}

export interface SettingDifference {
  readonly name: string;
  readonly values: readonly (string | undefined)[];
}

/** @param runs In the order of the results; at least one. */
export function compareRuns(runs: readonly Run[]): Comparison {
  const all = runs.map(({ config }) => settings(config));
  const names = [...new Set(all.flatMap((own) => [...own.keys()]))];
  return {
    runs: runs.map(({ id, directory, status, state }) => ({
      id,
      directory,
      status,
      numbers: runNumbers(state),
    })),
    differences: names
      .map((name) => ({ name, values: all.map((own) => own.get(name)) }))
      .filter(({ values }) => new Set(values).size > 1),
  };
}

/** SVG: of each run the smoothed training loss and, marked, the loss on held-out text. */
export function comparisonChart(runs: readonly Run[]): string {
  const curves = runs.flatMap(({ id, state }, colour): ChartCurve[] => [
    { name: id, colour, look: "line", series: state.series.smoothedLoss[0.9] },
    { name: `${id}, held out`, colour, look: "marked", series: state.series.validation },
  ]);
  return lossChart(curves, { title: `Losses of ${runs.map(({ id }) => id).join(", ")}` });
}
