/** What the curves of a chart are at the pointer. */

import type uPlot from "uplot";
import { valueAt } from "./chart-data.js";
import type { Layer } from "./chart-layers.js";
import { element, fill } from "./element.js";
import { integer } from "./format.js";

const GAP = 14;

export class ChartTip {
  readonly #box = element("div.tip", { hidden: true });
  readonly #parent: HTMLElement;

  constructor(parent: HTMLElement) {
    this.#parent = parent;
    parent.append(this.#box);
  }

  /** Nothing on charts whose cursor only follows that of another. */
  show(u: uPlot, layers: readonly Layer[], format: (value: number) => string): void {
    const { idx, left = -1, top = -1 } = u.cursor;
    const step = idx === null || idx === undefined ? undefined : u.data[0][idx];
    const rows = layers.flatMap(({ silent, ...layer }) => {
      const value = silent || step === undefined ? undefined : valueAt(layer.curve, step);
      return value === undefined ? [] : [{ ...layer, text: format(value) }];
    });
    this.#box.hidden = left < 0 || rows.length === 0 || !u.over.matches(":hover");
    if (this.#box.hidden) return;
    fill(
      this.#box,
      element("div.tip-step", {}, `step ${integer(step!)}`),
      ...rows.map(({ label, colour, text }) => {
        const dot = element("i.swatch");
        dot.style.background = colour;
        return element("div.tip-row", {}, dot, element("span", {}, label), element("b", {}, text));
      }),
    );
    const [x, y] = [u.over.offsetLeft + left, u.over.offsetTop + top];
    const { offsetWidth: width, offsetHeight: height } = this.#box;
    const fits = x + GAP + width < this.#parent.clientWidth;
    this.#box.style.left = `${fits ? x + GAP : x - GAP - width}px`;
    this.#box.style.top = `${Math.max(0, y - height / 2)}px`;
  }
}
