/** Reads training runs: events as they come, the state they add up to, exports, reports, comparisons. */

export { type AxisScale, axisPlace, axisTicks, tickLabel } from "./axes.js";
export type { Column } from "./column.js";
export {
  type Comparison,
  compareRuns,
  comparisonChart,
  type SettingDifference,
} from "./compare-runs.js";
export { type Bucket, type DownsampleRange, downsample, outline } from "./downsample.js";
export { RunRecordsError } from "./errors.js";
export { exportCsv } from "./export/export-csv.js";
export { exportTensorboard } from "./export/export-tensorboard.js";
export { writeWholeFile } from "./export/whole-file.js";
export { type FollowedBatch, type FollowOptions, followRun } from "./follow-run.js";
export { formatBytes, formatCount, formatDuration, formatMs } from "./format.js";
export { listRuns, type RunSummary } from "./list-runs.js";
export type { LogLine } from "./log-line.js";
export { type Run, readEvents, readRun } from "./read-run.js";
export type { RecordedEvent } from "./recorded-event.js";
export { reduceRun } from "./reduce-run.js";
export { type ReferenceLoss, referenceLosses } from "./reference-losses.js";
export { type ReportContent, reportContent } from "./report/report-content.js";
export { reportHtml } from "./report/report-html.js";
export { reportMarkdown } from "./report/report-markdown.js";
export { settings } from "./report/settings.js";
export { type RunNumbers, runNumbers } from "./run-numbers.js";
export { readConfig } from "./run-paths.js";
export { initialRunState, RECENT_STEPS, type RunSeries, type RunState } from "./run-state.js";
export { type Holder, type RunStatus, runHolder, runStatus } from "./run-status.js";
export { type Point, Series } from "./series.js";
export { SMOOTHINGS, type Smoothing, smooth } from "./smoothing.js";
