/** What a report of a run says, before it is Markdown or HTML. */
import type { SampleEvent } from "@ane/trainer";
import { formatBytes, formatCount, formatDuration, formatMs } from "../format.js";
import type { Run } from "../read-run.js";
import { type ReferenceLoss, referenceLosses } from "../reference-losses.js";
import { type RunNumbers, runNumbers } from "../run-numbers.js";
import type { RunStatus } from "../run-status.js";
import { type ChartCurve, lossChart } from "./loss-chart.js";
import { settings } from "./settings.js";

export type Row = readonly [label: string, value: string];

export interface ReportSection {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface ReportContent {
  readonly title: string;
  readonly status: RunStatus;
  /** The most important numbers, for large letters. */
  readonly headline: readonly Row[];
  /** SVG. */
  readonly chart: string;
  readonly sections: readonly ReportSection[];
  /** Of each prompt the first and the last. */
  readonly samples: readonly SampleEvent[];
  /** All of the configuration. */
  readonly settings: ReportSection;
}

export function reportContent(run: Run): ReportContent {
  const numbers = runNumbers(run.state);
  const references = referenceLosses(run.config);
  const sections: ReportSection[] = [
    { title: "Result", rows: resultRows(run, numbers, references) },
    { title: "Time", rows: timeRows(run, numbers) },
    { title: "Efficiency", rows: efficiencyRows(run, numbers) },
    { title: "Where it ran", rows: placeRows(run) },
  ];
  return {
    title: `${run.config.recipe.model.name} · ${run.id}`,
    status: run.status,
    headline: headline(numbers),
    chart: lossChart(runCurves(run), { title: `Loss of ${run.id}`, references }),
    sections: sections.filter(({ rows }) => rows.length > 0),
    samples: firstAndLast(run.state.samples),
    settings: { title: "Settings", rows: [...settings(run.config)] },
  };
}

function runCurves({ state }: Run): ChartCurve[] {
  const { loss, smoothedLoss, validation } = state.series;
  return [
    { name: "training", colour: 0, look: "cloud", series: loss },
    { name: "training, smoothed", colour: 0, look: "line", series: smoothedLoss[0.9] },
    { name: "held out", colour: 1, look: "marked", series: validation },
  ];
}

/** Leaves out what is not known. */
function known(rows: readonly (readonly [string, string | undefined])[]): Row[] {
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const]));
}

function show<T>(value: T | undefined, format: (value: T) => string): string | undefined {
  return value === undefined ? undefined : format(value);
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const nats = (loss: number) => loss.toFixed(4);

function headline(numbers: RunNumbers): Row[] {
  return known([
    ["held-out loss", show(numbers.bestValidation?.value, nats)],
    ["training loss", show(numbers.smoothedLoss?.[0.98], nats)],
    ["tokens", show(numbers.tokens, formatCount)],
    ["tokens per second", show(numbers.tokensPerSecond, (rate) => formatCount(Math.round(rate)))],
    ["worked", formatDuration(numbers.workedMs)],
  ]);
}

function resultRows(
  { state }: Run,
  numbers: RunNumbers,
  references: readonly ReferenceLoss[],
): Row[] {
  const { bestValidation: best, validation, smoothedLoss } = numbers;
  const of = show(numbers.steps, (steps) => ` of ${steps}`) ?? "";
  const resumes = state.invocations - 1;
  const epochs = show(numbers.epoch, (epoch) => `, ${epoch.toPrecision(3)} epochs`) ?? "";
  return known([
    ["micro-steps", `${numbers.step}${of}`],
    ["tokens", show(numbers.tokens, (tokens) => `${formatCount(tokens)}${epochs}`)],
    ["training loss, mean of about the last 50", show(smoothedLoss?.[0.98], nats)],
    [
      "held-out loss",
      show(validation, ({ value, step }) => `${nats(value)} at micro-step ${step}`),
    ],
    [
      "lowest held-out loss",
      show(best, ({ value, step }) => `${nats(value)} at micro-step ${step}`),
    ],
    ["perplexity", show(numbers.perplexity, (value) => value.toFixed(2))],
    ["bits per byte", show(numbers.bitsPerByte, (bits) => bits.toFixed(4))],
    [
      "others on that text",
      best && references.map(({ name, loss }) => `${name} ${loss.toFixed(2)}`).join(", "),
    ],
    ["updates", String(numbers.updates + numbers.skippedUpdates)],
    ["skipped updates", String(numbers.skippedUpdates)],
    ["clipped updates", show(numbers.clipShare, percent)],
    ["resumed", resumes > 0 ? (resumes === 1 ? "once" : `${resumes} times`) : undefined],
  ]);
}

function timeRows({ state }: Run, { workedMs }: RunNumbers): Row[] {
  const { times, firstTime, lastTime, restarts } = state;
  const part = (ms: number) =>
    ms > 0 ? `${formatDuration(ms)} (${percent(ms / workedMs)})` : undefined;
  return known([
    ["began", show(firstTime, date)],
    ["last event", show(lastTime, date)],
    ["worked", formatDuration(workedMs)],
    ["micro-steps", part(times.steps)],
    ["compiling", part(times.compile)],
    [`restarts (${restarts})`, part(times.restart)],
    ["checkpoints", part(times.checkpoint)],
    ["evaluations", part(times.evaluation)],
    ["paused", times.pause > 0 ? formatDuration(times.pause) : undefined],
  ]);
}

const PARTS = {
  device: "device",
  classifier: "classifier",
  loss: "loss",
  weightGradient: "weight gradients",
  elementwise: "element-wise",
  optimizer: "optimizer",
  conversion: "conversion",
  staging: "staging weights",
  exchange: "exchange among ranks",
  data: "data",
  other: "other",
} as const;

/** Of a micro-step, for a part of it to be told. */
const LEAST_SHARE = 0.001;

function efficiencyRows({ state }: Run, numbers: RunNumbers): Row[] {
  const { msPerStep, breakdown, tflops, deviceTflops, deviceShare } = numbers;
  const parts = (Object.keys(PARTS) as (keyof typeof PARTS)[]).map((part) => {
    const ms = breakdown?.[part];
    const row =
      ms && msPerStep && ms / msPerStep >= LEAST_SHARE
        ? `${formatMs(ms)} (${percent(ms / msPerStep)})`
        : undefined;
    return [`· ${PARTS[part]}`, row] as const;
  });
  return known([
    [`micro-step, mean of the last ${state.recent.length}`, show(msPerStep, formatMs)],
    ...parts,
    ["tokens per second", show(numbers.tokensPerSecond, (rate) => rate.toFixed(0))],
    ["achieved", show(tflops, (rate) => `${rate.toPrecision(3)} TFLOPS`)],
    [
      "achieved by the device while it worked",
      show(deviceTflops, (rate) => `${rate.toPrecision(3)} TFLOPS`),
    ],
    ["device busy", show(deviceShare, percent)],
    ["memory", show(state.system?.memory, formatBytes)],
    ["energy", show(state.joules, (joules) => `${(joules / 3600).toPrecision(3)} Wh`)],
    ["energy per token", show(numbers.joulesPerToken, (joules) => `${joules.toPrecision(3)} J`)],
  ]);
}

function placeRows({ state, directory }: Run): Row[] {
  const { run } = state;
  return known([
    ["folder", directory],
    ["device", run?.device],
    ["machine", run?.machine],
    ["git commit", run?.commit],
    ["processes", run && run.ranks > 1 ? String(run.ranks) : undefined],
    [
      "model",
      show(run, ({ model, parameters }) => `${model}, ${formatCount(parameters)} parameters`),
    ],
  ]);
}

function date(time: number): string {
  return new Date(time).toISOString().replace("T", " ").replace(/\..*/, " UTC");
}

function firstAndLast(samples: readonly SampleEvent[]): SampleEvent[] {
  const prompts = [...new Set(samples.map(({ prompt }) => prompt))];
  return prompts.flatMap((prompt) => {
    const own = samples.filter((sample) => sample.prompt === prompt);
    return own.length === 1 ? own : [own[0]!, own.at(-1)!];
  });
}
