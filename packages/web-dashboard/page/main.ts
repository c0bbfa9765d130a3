/** The dashboard's page: one stream of news, and panels that draw what it told. */
import "./locale.js";
import type { RunSummary } from "@ane/run-records";
import type { Curves } from "../src/wire.js";
import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/ground.css";
import "./style/runs.css";
import "./style/charts.css";
import "./style/panels.css";
import "./style/widths.css";
import { ComparePanel } from "./compare-panel.js";
import { apiAddress, Connection, type ConnectionState } from "./connection.js";
import { element, fill, setText } from "./element.js";
import { integer, known, loss } from "./format.js";
import { helpDialog } from "./help.js";
import { icon } from "./icon.js";
import { LogPanel } from "./log-panel.js";
import { LossPanel } from "./loss-panel.js";
import { NumbersPanel } from "./numbers-panel.js";
import { RunData } from "./run-data.js";
import { RunHeader } from "./run-header.js";
import { RunList } from "./run-list.js";
import { SamplesPanel } from "./samples-panel.js";
import { SmallCharts } from "./small-charts.js";
import { applyTheme, currentTheme, nextTheme, runColour } from "./theme.js";
import { TimePanel } from "./time-panel.js";
import { ViewStore } from "./view.js";

const PROBLEM_RETRY_MS = 5000;

const view = new ViewStore();
const openRuns = new Map<string, RunData>();
let list: readonly RunSummary[] = [];
let pageDigest: string | undefined;
let isDrawing = false;

// — Panels —

const status = element("span.connection", { role: "status" });
const themeButton = element("button.icon", { onclick: () => switchTheme() });
const help = helpDialog();
const runList = new RunList((ids) => open(ids));
const header = new RunHeader();
const numbers = new NumbersPanel();
const lossPanel = new LossPanel(view);
const time = new TimePanel();
const small = new SmallCharts(view);
const samples = new SamplesPanel();
const log = new LogPanel();
const compare = new ComparePanel();

const panel = (title: string, name: string, content: HTMLElement) =>
  element(`section.panel.${name}`, { aria: { label: title } }, element("h2", {}, title), content);
const samplesSection = panel("Samples", "samples-panel", samples.element);
const single = [
  samplesSection,
  panel("Where the time goes", "time-panel", time.element),
  panel("Log", "log-panel", log.element),
];
const comparePanel = panel("Configuration", "compare-panel", compare.element);
const root = element("span.root");
const empty = element(
  "section.panel.welcome",
  { hidden: true },
  element("h2", {}, "No runs yet"),
  element("p", {}, "Start one, and it appears here:"),
  element("pre", {}, "ane train --steps 300"),
);
const main = element(
  "main",
  {},
  empty,
  header.element,
  numbers.element,
  lossPanel.element,
  small.element,
  ...single,
  comparePanel,
);

document
  .getElementById("app")!
  .append(
    element(
      "div.top",
      {},
      element("span.brand", {}, element("i"), "ane"),
      root,
      status,
      element(
        "button.icon",
        { onclick: () => help.showModal(), title: "Keys (?)", aria: { label: "Keys" } },
        icon("keys"),
      ),
      themeButton,
    ),
    element("div.page", {}, runList.element, main),
    help,
  );

// — News —

const connection = new Connection({
  state: showConnection,
  hello: ({ page, root: folder, run }) => {
    pageDigest ??= page;
    if (pageDigest !== page) location.reload();
    setText(root, folder);
    if (openRuns.size === 0 && run !== undefined) open([run]);
  },
  runs: (runs) => {
    list = runs;
    giveStatus();
    if (openRuns.size === 0 && runs.length > 0) open([(runs.find(isRunning) ?? runs[0]!).id]);
    draw();
  },
  frame: (frame) => {
    const run = openRuns.get(frame.run);
    run?.add(frame);
    if (run?.isHeavy) connection.open([...openRuns.keys()]);
    draw();
  },
  problem: ({ run: id, message }) => {
    const run = openRuns.get(id);
    if (!run) return;
    run.problem = message;
    setTimeout(() => {
      if (run.problem !== undefined && openRuns.get(id) === run)
        connection.open([...openRuns.keys()]);
    }, PROBLEM_RETRY_MS);
    draw();
  },
});

function giveStatus(): void {
  for (const { id, status: now } of list) {
    const run = openRuns.get(id);
    if (run) run.status = now;
  }
}

function isRunning(run: RunSummary): boolean {
  return run.status === "running";
}

/** Shows these runs, which the address then names. */
function open(ids: readonly string[]): void {
  for (const id of openRuns.keys()) if (!ids.includes(id)) openRuns.delete(id);
  for (const id of ids) if (!openRuns.has(id)) openRuns.set(id, new RunData(id));
  giveStatus();
  const address = `#${new URLSearchParams(ids.map((id) => ["run", id]))}`;
  if (location.hash !== address) history.replaceState(null, "", address);
  view.set({ range: { kind: "all" } });
  connection.open(ids);
  draw();
}

/** Of a part that was zoomed into, the points that a picture of the whole has no room for. */
async function refine(): Promise<void> {
  const { range } = view.value;
  if (range.kind !== "span") return;
  const { from, to } = range;
  for (const run of openRuns.values()) {
    if (!run.isThin(from, to)) continue;
    const part = { from: String(from), to: String(to) };
    const answer = await fetch(apiAddress("curves", [run.id], part));
    if (answer.ok) run.refine(from, to, (await answer.json()) as Curves);
    draw();
  }
}

function runsInAddress(): string[] {
  return new URLSearchParams(location.hash.slice(1)).getAll("run");
}

// — Drawing —

/** Soon, and once for all that has come until then. */
function draw(): void {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    drawNow();
  });
}

function drawNow(): void {
  const runs = [...openRuns.values()];
  const colours = runs.map((_, index) => runColour(index));
  const [first] = runs;
  const isSingle = runs.length === 1;
  runList.update(list, [...openRuns.keys()], colours);
  empty.hidden = runs.length > 0;
  for (const child of main.children)
    (child as HTMLElement).hidden = (child === empty) === runs.length > 0;
  if (!first) return;
  header.update(runs, colours);
  showTitle(runs);
  if (runs.every(({ problem, facts }) => problem !== undefined && facts === undefined)) {
    for (const child of main.children) (child as HTMLElement).hidden = child !== header.element; // there is nothing to show
    return;
  }
  numbers.element.hidden = !isSingle || !first.numbers;
  for (const child of single) child.hidden = !isSingle;
  samplesSection.hidden ||= first.samples.length === 0;
  comparePanel.firstElementChild!.textContent = isSingle ? "Configuration" : "Comparison";
  comparePanel.classList.toggle("wide", !isSingle);
  lossPanel.update(runs, colours);
  small.update(runs, colours);
  compare.update(runs, colours);
  if (isSingle && first.numbers) {
    numbers.update(first.numbers, first.facts, first.status);
    time.update(first.numbers);
    samples.update(first.samples);
    log.update(first.log);
  }
}

function showTitle(runs: readonly RunData[]): void {
  const [first] = runs;
  const { numbers: n } = first!;
  document.title =
    runs.length > 1
      ? `${runs.length} runs · ane`
      : `${known(n?.smoothedLoss?.[0.98], loss)} · ${known(n?.step, integer)} · ${first!.id}`;
}

function showConnection(state: ConnectionState): void {
  status.dataset.state = state;
  setText(status, { connecting: "connecting", live: "live", lost: "reconnecting" }[state]);
}

// — Keys and theme —

function switchTheme(): void {
  applyTheme(nextTheme());
  showTheme();
  draw();
}

function showTheme(): void {
  const theme = currentTheme();
  fill(themeButton, icon(theme === "auto" ? "system" : theme));
  themeButton.title = `Theme: ${theme === "auto" ? "as the system" : theme} (t)`;
  themeButton.setAttribute("aria-label", themeButton.title);
}

function neighbour(by: number): void {
  const index = list.findIndex(({ id }) => openRuns.has(id));
  const next = list[Math.min(Math.max(index + by, 0), list.length - 1)];
  if (next && index >= 0) open([next.id]);
}

const actions: Readonly<Record<string, () => void>> = {
  s: () => view.set({ smoothing: ({ 0: 90, 90: 98, 98: 0 } as const)[view.value.smoothing] }),
  x: () => view.set({ logX: !view.value.logX }),
  y: () => view.set({ logY: !view.value.logY }),
  r: () => view.set({ references: !view.value.references }),
  v: () => {
    const { range } = view.value;
    if (range.kind !== "last") view.set({ range: { kind: "last", count: 1000 } });
    else if (range.count === 1000) view.set({ range: { kind: "last", count: 200 } });
    else view.set({ range: { kind: "all" } });
  },
  "0": () => view.set({ range: { kind: "all" } }),
  "[": () => samples.move(-1),
  "]": () => samples.move(1),
  j: () => neighbour(1),
  k: () => neighbour(-1),
  t: switchTheme,
  "?": () => (help.open ? help.close() : help.showModal()),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement && event.target.type !== "range") return;
  actions[event.key]?.();
});
addEventListener("hashchange", () => {
  const wanted = runsInAddress();
  if (wanted.join("\n") !== [...openRuns.keys()].join("\n") && wanted.length > 0) open(wanted);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
view.onChange(() => {
  draw();
  void refine();
});
applyTheme(currentTheme());
showTheme();
if (runsInAddress().length > 0) open(runsInAddress());
else connection.open([]);
