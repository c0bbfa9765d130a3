/** The whole picture of a run for a size of terminal: which panels, and where. 40 x 15 is the smallest that has panels. */
import { formatDuration } from "@ane/run-records";
import { type Area, Canvas, textWidth } from "./canvas.js";
import { KEY_HELP, type Tab } from "./controls.js";
import { drawCurves } from "./curves-panel.js";
import { framed } from "./frame.js";
import { drawLoss } from "./loss-panel.js";
import { drawNumbers, drawRows, rowsOf } from "./numbers-panel.js";
import type { Scene } from "./scene.js";
import type { Style } from "./style.js";
import { drawLog, drawSamples } from "./text-panels.js";
import { drawTime } from "./time-panel.js";
import { wrap } from "./wrap.js";

const PANELS: Readonly<Record<Tab, (area: Area, scene: Scene) => void>> = {
  loss: drawLoss,
  samples: drawSamples,
  log: drawLog,
  time: drawTime,
  curves: drawCurves,
  numbers: drawNumbers,
};

/** What is shown where there is room for little else, as it is called there. */
const SHORT_LABELS = [
  ["step", "step"],
  ["loss", "loss"],
  ["mean", "mean"],
  ["held out", "held out"],
  ["ETA", "ETA"],
  ["tokens/s", "tokens/s"],
  ["learning rate", "lr"],
  ["gradient norm", "grad"],
  ["memory", "memory"],
  ["finish", "finish"],
  ["perplexity", "ppl"],
  ["device busy", "device"],
] as const;

/** Inside of the numbers beside the loss. */
const NUMBERS_WIDTH = 31;
const TWO_COLUMNS = 60;
/** Panels with places of their own in the largest picture. */
const SHOWN_ALREADY: ReadonlySet<Tab> = new Set(["loss", "time", "numbers"]);
/** Of a key in help. */
const KEY_WIDTH = 10;
/** All parts of the time, framed. */
const TIME_HEIGHT = 12;

export function drawPicture(scene: Scene, width: number, height: number): Canvas {
  const canvas = new Canvas(Math.max(1, width), Math.max(1, height));
  const { area } = canvas;
  if (width < 40 || height < 15) {
    drawHeader(area, scene);
    drawRows(area.part(0, 1, width, height - 1), rowsOf(scene));
    return canvas;
  }
  const top = height < 20 ? 1 : 2;
  drawHeader(area, scene);
  if (top === 2) drawProgress(area.part(0, 1, width, 1), scene);
  const body = area.part(0, top, width, height - top - 1);
  if (scene.controls.help) drawHelp(body, scene);
  else if (width < 72 || height < 22) drawSmall(body, scene);
  else if (width < 110 || height < 36) drawMedium(body, scene);
  else drawLarge(body, scene);
  drawFooter(area.part(0, height - 1, width, 1), scene);
  return canvas;
}

/** One panel, and the most important numbers. */
function drawSmall(area: Area, scene: Scene): void {
  const numbers = Math.min(4, Math.max(2, area.height - 9));
  PANELS[scene.controls.tab](area.part(0, 0, area.width, area.height - numbers), scene);
  const rows = rowsOf(scene);
  const columns = Math.max(1, Math.floor(area.width / 20));
  const width = Math.floor(area.width / columns);
  for (const [index, [name, label]] of SHORT_LABELS.slice(0, columns * numbers).entries()) {
    const row = rows.find((candidate) => candidate.label.startsWith(name))!;
    const [column, line] = [index % columns, Math.floor(index / columns)];
    const cell = area.part(column * width, area.height - numbers + line, width, 1);
    drawRows(cell, [{ ...row, label }]);
  }
}

/** Loss and numbers, and one panel below. */
function drawMedium(area: Area, scene: Scene): void {
  const upper = Math.max(12, Math.floor(0.62 * area.height));
  const lossWidth = area.width - NUMBERS_WIDTH;
  drawLoss(area.part(0, 0, lossWidth, upper), scene);
  drawNumbers(area.part(lossWidth, 0, NUMBERS_WIDTH, upper), scene);
  PANELS[lowerTab(scene)](area.part(0, upper, area.width, area.height - upper), scene);
}

/** All of them. */
function drawLarge(area: Area, scene: Scene): void {
  const left = area.width - TWO_COLUMNS;
  const numbers = Math.ceil(rowsOf(scene).length / 2) + 2;
  const right = area.part(left, 0, TWO_COLUMNS, area.height);
  drawNumbers(right.part(0, 0, TWO_COLUMNS, numbers), scene);
  const below = right.part(0, numbers, TWO_COLUMNS, area.height - numbers);
  const hasLog = below.height >= TIME_HEIGHT + 4;
  const timeHeight = hasLog ? TIME_HEIGHT : below.height;
  drawTime(below.part(0, 0, TWO_COLUMNS, timeHeight), scene);
  if (hasLog) {
    drawLog(below.part(0, timeHeight, TWO_COLUMNS, below.height - timeHeight), scene);
  }
  const lossHeight = Math.floor(area.height * 0.55);
  const rest = area.height - lossHeight;
  drawLoss(area.part(0, 0, left, lossHeight), scene);
  if (rest < 20) {
    const tab = SHOWN_ALREADY.has(scene.controls.tab) ? "samples" : scene.controls.tab;
    PANELS[tab](area.part(0, lossHeight, left, rest), scene);
    return;
  }
  const curves = Math.floor(rest / 3);
  drawCurves(area.part(0, lossHeight, left, curves), scene);
  drawSamples(area.part(0, lossHeight + curves, left, rest - curves), scene);
}

/** The loss has its own place where there is room for two panels. */
function lowerTab({ controls }: Scene): Tab {
  return controls.tab === "loss" ? "time" : controls.tab;
}

function drawHeader(area: Area, scene: Scene): void {
  const { state, status, glyphs } = scene;
  const [symbol, word, style] = statusOf(scene);
  let x = area.text(0, 0, ` ${symbol} ${word} `, style);
  const { run, config } = state;
  const model = run?.model ?? config?.recipe.model.name ?? "";
  x = area.text(x, 0, ` ${model}`, "bold");
  if (run && area.width >= 60) {
    const facts = ` ${(run.parameters / 1e6).toPrecision(3)}M  ${run.pipeline}  ${run.device.split(",")[0]}`;
    x = area.text(x, 0, facts, "dim");
  }
  const directory = run?.directory.split("/").at(-1) ?? "";
  if (x + textWidth(directory) + 2 < area.width) {
    area.textBefore(area.width - 1, 0, directory, "dim");
  }
  if (status === "running" && state.run === undefined) {
    area.text(x + 1, 0, glyphs.ellipsis, "dim");
  }
}

function statusOf({
  status,
  reading,
  state,
  glyphs,
  now,
}: Scene): [symbol: string, word: string, style: Style] {
  if (reading !== undefined) {
    return [glyphs.running, `reading ${Math.floor(100 * reading)} %`, "warning"];
  }
  if (status === "running" && state.isPaused) return [glyphs.paused, "paused", "warning"];
  switch (status) {
    case "running": {
      const silence = state.lastTime === undefined ? 0 : now - state.lastTime;
      const ms = state.recent.at(-1)?.ms ?? 0;
      const isLate = silence > 60_000 && silence > 5 * ms;
      const word = isLate ? `silent for ${formatDuration(silence)}` : "training";
      return [glyphs.running, word, isLate ? "warning" : "good"];
    }
    case "finished":
      return [glyphs.ended, "finished", "good"];
    case "interrupted":
      return [glyphs.ended, "interrupted", "warning"];
    case "dead":
      return [glyphs.ended, "ended without a word", "bad"];
  }
}

function drawProgress(area: Area, { numbers, glyphs, state }: Scene): void {
  const { step, steps } = numbers;
  const minutes = state.run?.minutes ?? 0;
  const ofSteps = steps === undefined ? 0 : step / steps;
  const ofTime = minutes > 0 ? numbers.workedMs / (minutes * 60_000) : 0;
  const share = Math.min(1, Math.max(ofSteps, ofTime));
  const label = ` ${(100 * share).toFixed(1)} % `;
  const width = area.width - label.length - 1;
  const full = Math.round(share * width);
  area.text(1, 0, glyphs.full.repeat(full), "smoothed");
  area.text(1 + full, 0, glyphs.empty.repeat(Math.max(0, width - full)), "dim");
  area.text(1 + width, 0, label);
}

function drawFooter(area: Area, scene: Scene): void {
  const { notice, status, state, role } = scene;
  if (notice !== undefined) {
    area.text(1, 0, notice, "warning");
    return;
  }
  const live: [string, string][] = [
    ["space", state.isPaused ? "go on" : "pause"],
    ["c", "checkpoint"],
    ["e", "evaluate"],
    ["g", "sample"],
  ];
  const keys: [string, string][] = [
    ["?", "help"],
    ["q", role === "train" ? "lines" : "leave"],
    ...(status === "running" ? live : []),
    ["tab", "panels"],
    ["+-", "zoom"],
    ["s", "smooth"],
    ["x", "export"],
    ...(status === "running" ? ([["Q", "finish"]] as [string, string][]) : []),
  ];
  let x = 1;
  for (const [key, meaning] of keys) {
    if (x + key.length + meaning.length + 1 > area.width) return;
    x = area.text(x, 0, key, "key");
    x = area.text(x + 1, 0, meaning, "dim") + 2;
  }
}

/** In lines of the width; where there is not room for all, from `rowsDown` on. */
function drawHelp(area: Area, { role, controls, glyphs }: Scene): void {
  const columns = area.width >= 102 ? 2 : 1;
  const width = Math.floor((area.width - 2) / columns);
  const keys = [
    ...KEY_HELP,
    ["Ctrl-C", role === "train" ? "as Q; twice ends at once" : "as q"],
  ] as const;
  const lines = keys.flatMap(([key, meaning]) =>
    wrap(meaning, width - KEY_WIDTH - 1).map(
      (text, index) => [index === 0 ? key : "", text] as const,
    ),
  );
  const perColumn = Math.ceil(lines.length / columns);
  const hidden = Math.max(0, perColumn - (area.height - 2));
  const inner = framed(area, glyphs, "keys", hidden > 0 ? "up down: more" : "any key closes this");
  const down = Math.min(controls.rowsDown, hidden);
  for (const [index, [key, text]] of lines.entries()) {
    const y = (index % perColumn) - down;
    const cell = inner.part(Math.floor(index / perColumn) * width, y, width, 1);
    if (y < 0) continue;
    cell.text(1, 0, key, "key");
    cell.text(KEY_WIDTH, 0, text);
  }
}
