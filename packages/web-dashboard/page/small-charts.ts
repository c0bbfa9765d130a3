/** The other curves, each with its newest value. */
import { formatBytes } from "@ane/run-records";
import type { CurveName } from "../src/wire.js";
import { Chart, type ChartOptions } from "./chart.js";
import { smoothed } from "./chart-data.js";
import type { Layer, Line } from "./chart-layers.js";
import { element, setText } from "./element.js";
import { integer, known, number, percent, UNKNOWN } from "./format.js";
import type { RunData } from "./run-data.js";
import { colour } from "./theme.js";
import type { ViewStore } from "./view.js";

interface Kind extends Omit<ChartOptions, "height"> {
  /** Several are of one run at once, such as the parts of its power. */
  readonly curves: readonly {
    readonly name: CurveName;
    readonly label: string;
    readonly hue: string;
  }[];
  /** Jumps from one micro-step to the next: drawn smoothed. */
  readonly noisy?: boolean;
  readonly lines?: (run: RunData) => readonly Line[];
}

const KINDS: readonly Kind[] = [
  {
    title: "Learning rate",
    curves: [{ name: "lr", label: "learning rate", hue: "hue-a" }],
    format: number,
    fromZero: true,
  },
  {
    title: "Gradient norm",
    curves: [{ name: "gradNorm", label: "gradient norm", hue: "hue-b" }],
    format: number,
    robust: true,
    noisy: true,
    lines: ({ facts }) => (facts?.clip ? [{ label: `clip ${facts.clip}`, value: facts.clip }] : []),
  },
  {
    title: "Milliseconds per micro-step",
    curves: [{ name: "ms", label: "ms", hue: "hue-c" }],
    format: number,
    robust: true,
    noisy: true,
    fromZero: true,
  },
  {
    title: "Tokens per second",
    curves: [{ name: "tokensPerSecond", label: "tokens/s", hue: "hue-d" }],
    format: integer,
    robust: true,
    noisy: true,
    fromZero: true,
  },
  {
    title: "Device busy",
    curves: [{ name: "deviceShare", label: "device busy", hue: "hue-e" }],
    format: percent,
    axis: percent,
    fromZero: true,
    robust: true,
    noisy: true,
  },
  {
    title: "Loss scale",
    curves: [{ name: "lossScale", label: "loss scale", hue: "hue-f" }],
    format: number,
    fromZero: true,
  },
  {
    title: "Memory",
    curves: [{ name: "memory", label: "memory", hue: "hue-g" }],
    format: formatBytes,
    axis: (bytes) => (bytes === 0 ? "0" : formatBytes(bytes).replace(/\.?0* /, " ")),
    fromZero: true,
  },
  {
    title: "Power",
    curves: [
      { name: "anePower", label: "ANE", hue: "hue-a" },
      { name: "cpuPower", label: "CPU", hue: "hue-d" },
      { name: "gpuPower", label: "GPU", hue: "hue-e" },
    ],
    format: (watts) => `${watts.toFixed(1)} W`,
    fromZero: true,
  },
];

export class SmallCharts {
  readonly element = element("section.small-charts", { aria: { label: "Other curves" } });
  readonly #charts: { readonly kind: Kind; readonly small: SmallChart }[];

  constructor(view: ViewStore) {
    this.#charts = KINDS.map((kind) => ({ kind, small: new SmallChart(kind, view) }));
    this.element.append(...this.#charts.map(({ small }) => small.element));
  }

  update(runs: readonly RunData[], colours: readonly string[]): void {
    for (const { kind, small } of this.#charts) {
      const [first] = runs;
      const layers = runs.flatMap((run, index) =>
        layersOf(kind, run, runs.length > 1 ? colours[index] : undefined),
      );
      small.update(layers, (runs.length === 1 && first && kind.lines?.(first)) || []);
    }
  }
}

/** @param shared Of all curves of a run that is compared with others. */
function layersOf(kind: Kind, run: RunData, shared: string | undefined): Layer[] {
  return kind.curves.flatMap(({ name, label, hue }): Layer[] => {
    const curve = run.curve(name);
    if (curve.steps.length === 0) return [];
    const part = kind.curves.length > 1 ? ` ${label}` : "";
    const look = {
      label: shared === undefined ? label : `${run.id}${part}`,
      colour: shared ?? colour(hue),
      style: "line" as const,
    };
    const isAlone = shared === undefined && kind.curves.length === 1;
    if (!kind.noisy) return [{ ...look, curve, shaded: isAlone }];
    const mean = { ...look, label: `${look.label}, smoothed`, curve: smoothed(curve) };
    return isAlone ? [{ ...look, curve, faint: true }, mean] : [mean];
  });
}

class SmallChart {
  readonly element: HTMLElement;
  readonly #value = element("b");
  readonly #frame = element("div.chart");
  readonly #empty = element("p.empty", {}, UNKNOWN);
  readonly #chart: Chart;
  readonly #format: (value: number) => string;

  constructor(kind: Kind, view: ViewStore) {
    this.#format = kind.format;
    this.#chart = new Chart(this.#frame, { ...kind, height: 132, small: true }, view);
    this.element = element(
      "div.panel.small",
      {},
      element("div.panel-head", {}, element("h3", {}, kind.title), this.#value),
      this.#frame,
      this.#empty,
    );
  }

  update(layers: readonly Layer[], lines: readonly Line[]): void {
    const isKnown = layers.length > 0;
    this.#frame.hidden = !isKnown;
    this.#empty.hidden = isKnown;
    setText(
      this.#value,
      isKnown && layers.every(({ colour: own }) => own === layers[0]!.colour)
        ? known(layers[0]!.curve.values.at(-1), this.#format)
        : "",
    );
    if (isKnown) this.#chart.update(layers, lines);
  }
}
