/** Runs `ane compare`. */
import { compareRuns, comparisonChart, readRun, writeWholeFile } from "@ane/run-records";
import { type Context, userPath } from "../context.js";
import { expectFilePlace } from "../places.js";
import { drawComparison, formatComparison } from "../view/comparison.js";
import { glyphsFor, paletteFor } from "../view/live/look.js";
import type { CompareFlags } from "./compare.js";
import { namedRun } from "./named-run.js";

/** Of the curves; as wide as the terminal. */
const HEIGHT = 20;
const MOST_COLUMNS = 140;

export async function runCompare(
  this: Context,
  { svg, ascii, json }: CompareFlags,
  ...names: string[]
): Promise<void> {
  const picturePath = svg === undefined ? undefined : userPath(this, svg);
  if (picturePath !== undefined) expectFilePlace("--svg", picturePath);
  const directories = names.map((name) => namedRun(this, name));
  const runs = await Promise.all(directories.map(readRun));
  const { stdout, stderr, env = {} } = this.process;
  if (picturePath !== undefined) {
    await writeWholeFile(picturePath, [comparisonChart(runs), "\n"]);
    if (!json) stderr.write(`wrote ${picturePath}\n`);
  }
  const comparison = compareRuns(runs);
  if (json) {
    stdout.write(`${JSON.stringify(comparison)}\n`);
    return;
  }
  const palette = this.interactive ? paletteFor(env) : "mono";
  const picture = drawComparison(runs, {
    width: Math.min(this.columns, MOST_COLUMNS),
    height: HEIGHT,
    // Without colours only letters tell the runs apart.
    glyphs: glyphsFor(env, ascii || palette === "mono"),
  });
  const lines = this.interactive ? picture.lines(palette) : picture.text().split("\n");
  stdout.write(`${[...lines, "", formatComparison(comparison)].join("\n")}\n`);
}
