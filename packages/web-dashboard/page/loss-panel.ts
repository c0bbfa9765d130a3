/** The curve everybody looks at: training loss as dots and smoothed, validation, and what others achieve. */
import { Chart } from "./chart.js";
import type { Layer, Line } from "./chart-layers.js";
import { element } from "./element.js";
import { loss } from "./format.js";
import type { RunData } from "./run-data.js";
import { colour } from "./theme.js";
import type { View, ViewStore } from "./view.js";

const SMOOTHINGS: readonly View["smoothing"][] = [0, 90, 98];
const LAST: readonly number[] = [1000, 200];

export class LossPanel {
  readonly element: HTMLElement;
  readonly #view: ViewStore;
  readonly #chart: Chart;
  readonly #legend = element("div.legend");
  readonly #choices: {
    readonly button: HTMLButtonElement;
    readonly isOn: (view: View) => boolean;
  }[] = [];

  constructor(view: ViewStore) {
    this.#view = view;
    const frame = element("div.chart");
    const height = innerWidth < 760 ? 260 : 380;
    this.#chart = new Chart(
      frame,
      { title: "Loss over micro-steps", height, format: loss, mayBeLog: true },
      view,
    );
    const group = (name: string, ...buttons: HTMLElement[]) =>
      element("div.choices", { role: "group", aria: { label: name } }, ...buttons);
    this.element = element(
      "section.panel.loss",
      { aria: { label: "Loss" } },
      element(
        "div.panel-head",
        {},
        element("h2", {}, "Loss"),
        this.#legend,
        element(
          "div.controls",
          {},
          group(
            "Smoothing",
            ...SMOOTHINGS.map((smoothing) =>
              this.#choice(
                smoothing === 0 ? "raw" : `.${smoothing}`,
                "Smoothing (s)",
                (now) => now.smoothing === smoothing,
                () => ({ smoothing }),
              ),
            ),
          ),
          group(
            "Micro-steps shown",
            this.#choice(
              "all",
              "The whole run (0)",
              ({ range }) => range.kind === "all",
              () => ({ range: { kind: "all" } }),
            ),
            ...LAST.map((count) =>
              this.#choice(
                `last ${count}`,
                "The newest micro-steps (v)",
                ({ range }) => range.kind === "last" && range.count === count,
                () => ({ range: { kind: "last", count } }),
              ),
            ),
          ),
          group(
            "Axes",
            this.#toggle("log x", "Logarithmic micro-steps (x)", "logX"),
            this.#toggle("log y", "Logarithmic loss (y)", "logY"),
            this.#toggle("lines", "What others achieve (r)", "references"),
          ),
        ),
      ),
      frame,
    );
  }

  update(runs: readonly RunData[], colours: readonly string[]): void {
    const view = this.#view.value;
    for (const { button, isOn } of this.#choices) {
      button.setAttribute("aria-pressed", String(isOn(view)));
    }
    const layers = runs.length === 1 ? single(runs[0]!, view) : compared(runs, colours, view);
    this.#chart.update(layers, view.references ? references(runs) : []);
    this.#legend.replaceChildren(
      ...layers
        .filter(({ silent }) => !silent)
        .map(({ label, colour: stroke, style, dashed }) => {
          const dot = element("i.swatch", { data: { style, dashed: String(dashed ?? false) } });
          dot.style.setProperty("--swatch", stroke);
          return element("span", {}, dot, element("span.name", { title: label }, label));
        }),
    );
  }

  #choice(
    label: string,
    title: string,
    isOn: (view: View) => boolean,
    change: (view: View) => Partial<View>,
  ): HTMLElement {
    const button = element(
      "button",
      { title, onclick: () => this.#view.set(change(this.#view.value)) },
      label,
    );
    this.#choices.push({ button, isOn });
    return button;
  }

  #toggle(label: string, title: string, key: "logX" | "logY" | "references"): HTMLElement {
    return this.#choice(
      label,
      title,
      (view) => view[key],
      (view) => ({ [key]: !view[key] }),
    );
  }
}

function single(run: RunData, { smoothing }: View): Layer[] {
  const train = colour("train");
  const layers: Layer[] = [
    { label: "each micro-step", colour: train, curve: run.curve("loss"), style: "dots" },
  ];
  if (smoothing > 0)
    layers.push({
      label: "training, smoothed",
      colour: train,
      curve: run.curve(smoothing === 90 ? "smooth90" : "smooth98"),
      style: "line",
      shaded: true,
    });
  layers.push({
    label: "validation",
    colour: colour("validation"),
    curve: run.curve("validation"),
    style: "marks",
  });
  return layers;
}

function compared(
  runs: readonly RunData[],
  colours: readonly string[],
  { smoothing }: View,
): Layer[] {
  return runs.flatMap((run, index): Layer[] => {
    const stroke = colours[index]!;
    const smoothed = smoothing === 90 ? "smooth90" : "smooth98";
    return [
      smoothing === 0
        ? { label: run.id, colour: stroke, curve: run.curve("loss"), style: "dots" }
        : { label: run.id, colour: stroke, curve: run.curve(smoothed), style: "line" },
      {
        label: "validation",
        colour: stroke,
        curve: run.curve("validation"),
        style: "marks",
        dashed: true,
        silent: run.curve("validation").steps.length === 0,
      },
    ];
  });
}

/** Of the first run that has any; the next one below the curve stretches the axis. */
function references(runs: readonly RunData[]): Line[] {
  const run = runs.find(({ facts }) => (facts?.references.length ?? 0) > 0);
  const now = run?.numbers?.smoothedLoss?.[0.98];
  const found = run?.facts?.references ?? [];
  const next = found.find((reference) => now !== undefined && reference.loss < now);
  return found.map(({ name, loss: value }) => ({
    label: `${name} ${loss(value)}`,
    value,
    wanted: next?.name === name,
  }));
}
