/** The calibration of the cost model as text: every published figure with its source, its prediction and errors. */
import type { CalibratedTime, Calibration, Coefficients } from "@ane/trainer";

const COEFFICIENTS: Readonly<Record<keyof Coefficients, string>> = {
  gemm: "sgemm, TFLOP/s per cluster and GHz",
  clusterExponent: "its exponent of the clusters",
  gradientShare: "rate of weight gradients over it",
  conversion: "conversions, GB/s",
  copy: "copies, GB/s",
  pass: "element-wise passes, G operations/s",
  transpose: "operations per transposed element",
  port: "ports of the engine, GB/s",
  h13: "engine of M1, TFLOP/s",
  h15: "engine of M3, TFLOP/s",
  h16: "engine of M4 and M5, TFLOP/s",
};

export function formatCalibration({ coefficients, rows }: Calibration): string {
  const fitted = rows.filter(({ notFitted }) => notFitted === undefined);
  const steps = fitted.filter(({ quantity }) => quantity === "step");
  const parts = fitted.filter(({ quantity }) => quantity !== "step");
  const held = rows.filter(({ notFitted }) => notFitted !== undefined);
  const names = Object.keys(COEFFICIENTS) as (keyof Coefficients)[];
  return [
    "Fitted",
    ...names.map(
      (name) =>
        `  ${COEFFICIENTS[name].padEnd(36)}${coefficients[name].toPrecision(3).padStart(6)}`,
    ),
    "",
    "Steps of maderix/ANE without optimizer: error with all rows fitted, without this row, without its chip",
    ...steps.map((row) => line(row, [row.error, row.errorWithoutRow, row.errorWithoutChip])),
    `  largest: ${[
      worst(steps.map(({ error }) => error)),
      worst(steps.map(({ errorWithoutRow }) => errorWithoutRow)),
      worst(steps.map(({ errorWithoutChip }) => errorWithoutChip)),
    ].join(", ")}`,
    "",
    "Parts of steps, fitted with less weight",
    ...parts.map((row) => line(row, [row.error])),
    "",
    "Not fitted",
    ...held.map((row) => `${line(row, [row.error])}: ${row.notFitted}`),
  ].join("\n");
}

function line(row: CalibratedTime, errors: readonly (number | undefined)[]): string {
  const { chip, pipeline, model, quantity, ms, predictedMs, source } = row;
  const [low, high] = ms;
  const published = low === high ? String(low) : `${low} to ${high}`;
  const name = `${chip} ${pipeline} ${quantity}${model === "stories110m" ? "" : ` of ${model}`}`;
  return (
    `  ${name.padEnd(40)}${published.padStart(13)} ms, predicted ${predictedMs.toFixed(1).padStart(6)}` +
    `${errors.map((error) => percent(error).padStart(7)).join("")}  ${source}`
  );
}

function worst(errors: readonly (number | undefined)[]): string {
  return percent(Math.max(...errors.map((error) => Math.abs(error ?? 0)))).replace("+", "");
}

function percent(error: number | undefined): string {
  if (error === undefined) return "";
  return `${error < 0 ? "−" : "+"}${Math.abs(100 * error).toFixed(0)} %`;
}
