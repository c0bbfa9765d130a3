/** What the person at the keyboard has chosen to see, and what keys do to it. Pure: a key gives new controls, or a command. */
import type { RunAction } from "@ane/trainer";

export const TABS = ["loss", "samples", "log", "time", "curves", "numbers"] as const;
export type Tab = (typeof TABS)[number];

/** Micro-steps that the curves show, from the last one back; undefined is the whole run. */
const WINDOWS = [undefined, 20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50] as const;

/** Factors of the running mean; 0 shows the losses themselves. */
const SMOOTHINGS = [0.98, 0.9, 0] as const;

export interface Controls {
  /** The panel that is shown where there is not room for all. */
  readonly tab: Tab;
  readonly window: number | undefined;
  readonly smoothing: (typeof SMOOTHINGS)[number];
  readonly logLoss: boolean;
  readonly logSteps: boolean;
  readonly references: boolean;
  readonly help: boolean;
  /** Samples and lines of the log before the newest. */
  readonly samplesBack: number;
  readonly linesBack: number;
  /** Rows of help or numbers that have gone out at the top, where there is not room for all. */
  readonly rowsDown: number;
}

export const INITIAL_CONTROLS: Controls = {
  tab: "loss",
  window: undefined,
  smoothing: 0.98,
  logLoss: false,
  logSteps: false,
  references: true,
  help: false,
  samplesBack: 0,
  linesBack: 0,
  rowsDown: 0,
};

/** "toggle-pause" is pause or resume, whichever applies; "leave" ends the view, not the run. */
export type Command = RunAction | "toggle-pause" | "export" | "leave" | "interrupt" | "redraw";

const COMMANDS: Readonly<Record<string, Command>> = {
  space: "toggle-pause",
  c: "checkpoint",
  e: "evaluate",
  g: "sample",
  Q: "finish",
  q: "leave",
  "ctrl-c": "interrupt",
  "ctrl-l": "redraw",
  x: "export",
};

/** Lines downwards. */
const SCROLL: Readonly<Record<string, number>> = {
  up: -1,
  down: 1,
  "page-up": -10,
  "page-down": 10,
};

/** More than help or numbers have in the smallest terminal. */
const MOST_ROWS = 40;

/** Keys and what they do, as help shows them. */
export const KEY_HELP = [
  ["space", "pause, and go on"],
  ["c", "save a checkpoint now"],
  ["e", "evaluate now"],
  ["g", "write samples now"],
  ["q", "leave the view; the run goes on"],
  ["Q", "finish this micro-step, save, end the run"],
  ["tab", "next panel"],
  ["+ -", "fewer or more micro-steps (whole run: -)"],
  ["s", "smoothing 0.98, 0.9, none"],
  ["y", "loss axis logarithmic or linear"],
  ["t", "step axis logarithmic or linear"],
  ["r", "reference lines"],
  ["[ ]", "earlier or later samples"],
  ["up down", "scroll the log, the numbers, this help"],
  ["x", "write this picture into the run's folder"],
  ["?", "this help"],
] as const;

export interface Limits {
  /** Micro-steps done, samples there, lines of the log. */
  readonly steps: number;
  readonly samples: number;
  readonly lines: number;
}

/** @returns The same controls where the key has nothing to do with them. */
export function press(
  controls: Controls,
  key: string,
  limits: Limits,
): { controls: Controls; command?: Command } {
  const command = COMMANDS[key];
  if (command !== undefined) return { controls, command };
  if (controls.help && !(key in SCROLL)) {
    return { controls: { ...controls, help: false, rowsDown: 0 } };
  }
  return { controls: { ...controls, ...change(controls, key, limits) } };
}

function change(controls: Controls, key: string, limits: Limits): Partial<Controls> {
  const lines = SCROLL[key];
  if (lines !== undefined) return scrolled(controls, lines, limits);
  switch (key) {
    case "?":
    case "h":
      return { help: true, rowsDown: 0 };
    case "tab":
    case "right":
      return { tab: next(TABS, controls.tab, 1), rowsDown: 0 };
    case "shift-tab":
    case "left":
      return { tab: next(TABS, controls.tab, -1), rowsDown: 0 };
    case "s":
      return { smoothing: next(SMOOTHINGS, controls.smoothing, 1) };
    case "y":
      return { logLoss: !controls.logLoss };
    case "t":
      return { logSteps: !controls.logSteps };
    case "r":
      return { references: !controls.references };
    case "+":
    case "=":
      return { window: zoomed(controls.window, limits.steps, 1) };
    case "-":
    case "_":
      return { window: zoomed(controls.window, limits.steps, -1) };
    case "[":
      return { tab: "samples", samplesBack: clamp(controls.samplesBack + 1, limits.samples - 1) };
    case "]":
      return { tab: "samples", samplesBack: clamp(controls.samplesBack - 1, limits.samples - 1) };
    default:
      return {};
  }
}

/** What is read from the top goes down; the log, whose newest line is the last, goes back. */
function scrolled(controls: Controls, by: number, limits: Limits): Partial<Controls> {
  if (controls.help || controls.tab === "numbers") {
    return { rowsDown: clamp(controls.rowsDown + by, MOST_ROWS) };
  }
  return { tab: "log", linesBack: clamp(controls.linesBack - by, limits.lines - 1) };
}

/** The next smaller or larger window, of those that leave something out. */
function zoomed(window: number | undefined, steps: number, by: 1 | -1): number | undefined {
  const usable = WINDOWS.filter((size) => size === undefined || size < steps);
  const index = usable.indexOf(window as (typeof WINDOWS)[number]);
  return usable[Math.max(0, Math.min(usable.length - 1, Math.max(index, 0) + by))];
}

function next<T>(values: readonly T[], value: T, by: 1 | -1): T {
  return values[(values.indexOf(value) + by + values.length) % values.length]!;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
