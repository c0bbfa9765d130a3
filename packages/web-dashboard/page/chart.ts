/** A chart over micro-steps: layers of curves, horizontal lines, one cursor with all others, zoom by dragging. */
import { axisTicks, tickLabel } from "@ane/run-records";
import uPlot from "uplot";
import { valuesInSight } from "./chart-data.js";
import type { Layer, Line } from "./chart-layers.js";
import { drawLines } from "./chart-lines.js";
import { ChartTip } from "./chart-tip.js";
import type { CurveData } from "./run-data.js";
import { colour, faded } from "./theme.js";
import type { View, ViewStore } from "./view.js";

export interface ChartOptions {
  readonly title: string;
  readonly height: number;
  readonly format: (value: number) => string;
  /** A few values may be far off: the axis is for the others. */
  readonly robust?: boolean;
  /** The axis begins at 0. */
  readonly fromZero?: boolean;
  /** Follows the choice of a logarithmic value axis. */
  readonly mayBeLog?: boolean;
  readonly small?: boolean;
  /** Labels of the value axis, where they are not plain numbers. */
  readonly axis?: (value: number) => string;
}

const SYNC = uPlot.sync("step");
/** Right of a large chart, for the names of its lines. */
const LABEL_WIDTH = 108;
const NARROW = 520;
/** More circles on a line would hide it, and more dots each other. */
const FEW = 40;
const DENSE = 600;

export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #view: ViewStore;
  readonly #tip: ChartTip;
  #plot: uPlot | undefined;
  #layers: readonly Layer[] = [];
  #lines: readonly Line[] = [];
  #structure = "";
  #isInSight = false;
  #isStale = false;

  constructor(element: HTMLElement, options: ChartOptions, view: ViewStore) {
    this.element = element;
    this.#options = options;
    this.#view = view;
    this.#tip = new ChartTip(element);
    element.style.minHeight = `${options.height}px`; // nothing below jumps when it is drawn
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", options.title);
    new ResizeObserver(() => this.#resize()).observe(element);
    new IntersectionObserver(([entry]) => this.#see(entry!.isIntersecting)).observe(element);
  }

  update(layers: readonly Layer[], lines: readonly Line[]): void {
    this.#layers = layers;
    this.#lines = lines;
    this.#isStale = true;
    if (this.#isInSight) this.#draw();
  }

  /** What nobody sees is not drawn. */
  #see(isInSight: boolean): void {
    this.#isInSight = isInSight;
    if (isInSight && this.#isStale) this.#draw();
  }

  #draw(): void {
    this.#isStale = false;
    const layers = this.#layers;
    const { logX, logY } = this.#view.value;
    const looks = layers.map(({ curve, ...look }) => [look, density(curve)]);
    const structure = JSON.stringify([
      looks,
      logX,
      logY,
      colour("text"),
      this.#options.height,
      this.#isSmall,
    ]);
    if (this.#plot && structure === this.#structure) {
      this.#plot.setData(this.#data());
      return;
    }
    this.#structure = structure;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#plotOptions(), this.#data(), this.element);
  }

  /** Micro-steps that are shown. */
  #span(): [number, number] {
    const { range, logX } = this.#view.value;
    const ends = this.#layers.flatMap(({ curve: { steps } }) =>
      steps.length === 0 ? [] : [steps[0]!, steps.at(-1)!],
    );
    if (range.kind === "span") return [range.from, range.to];
    if (ends.length === 0) return [1, 2];
    const last = Math.max(...ends);
    const first = range.kind === "last" ? Math.max(1, last - range.count) : Math.min(...ends);
    return [logX ? Math.max(1, first) : first, Math.max(last, first + 1)];
  }

  #valueRange(): [number, number] {
    const [from, to] = this.#span();
    const { robust, fromZero } = this.#options;
    const logY = this.#isLogY(this.#view.value);
    const found = this.#layers.map(({ curve, style }) =>
      valuesInSight(curve, from, to, (robust || style === "dots") ?? false),
    );
    let low = Math.min(...found.map((ends) => ends[0]));
    let high = Math.max(...found.map((ends) => ends[1]));
    for (const { value, wanted } of this.#lines) {
      if (!wanted || !Number.isFinite(low)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!Number.isFinite(low) || !Number.isFinite(high)) return [0.1, 1];
    if (logY) return [low > 0 ? low / 1.04 : 1e-6, high * 1.04];
    const margin = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.1 || 1;
    return [fromZero ? 0 : Math.max(low - margin, low >= 0 ? 0 : -Infinity), high + margin];
  }

  /** Names of lines lie in the chart instead of beside it. */
  get #isSmall(): boolean {
    return this.#options.small === true || this.element.clientWidth < NARROW;
  }

  #isLogY({ logY }: View): boolean {
    return logY && this.#options.mayBeLog === true;
  }

  #data(): uPlot.AlignedData {
    const tables = this.#layers.map(
      ({ curve }) => [curve.steps, curve.values] as uPlot.AlignedData,
    );
    return tables.length === 0 ? [[]] : uPlot.join(tables);
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (this.#plot && width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({ width, height: this.#options.height });
    }
  }

  #plotOptions(): uPlot.Options {
    const { logX } = this.#view.value;
    const logY = this.#isLogY(this.#view.value);
    const { format, axis: label = tickLabel } = this.#options;
    const small = this.#isSmall;
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis: uPlot.Axis = {
      stroke: colour("faint"),
      font,
      grid: { stroke: colour("grid"), width: 1 },
      ticks: { show: false },
    };
    const splits =
      (scale: "linear" | "log", pixels: number) =>
      (u: uPlot, axisIndex: number, low: number, high: number) => {
        const length = (axisIndex === 0 ? u.bbox.width : u.bbox.height) / devicePixelRatio;
        return axisTicks(scale, low, high, Math.max(2, Math.floor(length / pixels)));
      };
    return {
      width: Math.max(this.element.clientWidth, 50),
      height: this.#options.height,
      padding: [10, small ? 12 : LABEL_WIDTH, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, distr: logX ? 3 : 1, range: () => this.#span() },
        y: { distr: logY ? 3 : 1, range: () => this.#valueRange() },
      },
      axes: [
        {
          ...axis,
          size: 26,
          gap: 6,
          splits: splits(logX ? "log" : "linear", small ? 62 : 90),
          values: (_, ticks) => ticks.map((tick) => tickLabel(tick)),
        },
        {
          ...axis,
          size: small ? 46 : 50,
          gap: 8,
          splits: splits(logY ? "log" : "linear", small ? 32 : 44),
          values: (_, ticks) => ticks.map(label),
        },
      ],
      series: [{}, ...this.#layers.map((layer) => this.#series(layer))],
      cursor: {
        y: false,
        sync: { key: SYNC.key, scales: ["x", null] },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        points: { show: false },
        bind: {
          dblclick: () => () => {
            this.#view.set({ range: { kind: "all" } });
            return null;
          },
        },
      },
      hooks: {
        draw: [(u) => drawLines(u, this.#lines, font, small)],
        setCursor: [(u) => this.#tip.show(u, this.#layers, format)],
        setSelect: [(u) => this.#zoom(u)],
      },
    };
  }

  #zoom(u: uPlot): void {
    const { left, width } = u.select;
    if (width < 6) return;
    const [from, to] = [left, left + width].map((place) => Math.round(u.posToVal(place, "x")));
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (to! > from!) this.#view.set({ range: { kind: "span", from: from!, to: to! } });
  }

  #series({ label, colour: stroke, style, dashed, shaded, faint, curve }: Layer): uPlot.Series {
    const { small } = this.#options;
    if (style === "dots") {
      const opacity = density(curve) === "dense" ? 0.28 : 0.45;
      return {
        label,
        stroke: "transparent",
        paths: () => null,
        points: { show: true, size: 3.5, width: 0, fill: faded(stroke, opacity) },
      };
    }
    return {
      label,
      stroke: faint ? faded(stroke, 0.3) : stroke,
      width: faint ? 1 : small ? 1.5 : 2,
      spanGaps: true,
      ...(dashed ? { dash: [6, 4] } : {}),
      ...(shaded ? { fill: (u: uPlot) => shade(u, stroke) } : {}),
      points:
        style === "marks" && density(curve) === "few"
          ? { show: true, size: small ? 5 : 7, width: 1.5, fill: colour("panel"), stroke }
          : { show: false },
    };
  }
}

/** What the look of a curve's points depends on. */
function density({ steps }: CurveData): "few" | "some" | "dense" {
  return steps.length <= FEW ? "few" : steps.length <= DENSE ? "some" : "dense";
}

function shade(u: uPlot, stroke: string): CanvasGradient {
  const { top, height } = u.bbox;
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, faded(stroke, 0.22));
  gradient.addColorStop(1, faded(stroke, 0));
  return gradient;
}
