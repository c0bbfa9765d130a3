/** Where the time of a micro-step goes: one bar, and its parts by name. */
import type { LiveNumbers } from "../src/wire.js";
import { element, fill } from "./element.js";
import { known, number, percent } from "./format.js";

const NAMES: Readonly<Record<string, string>> = {
  device: "device",
  conversion: "conversion",
  classifier: "classifier",
  loss: "loss",
  weightGradient: "weight gradients",
  elementwise: "element-wise",
  optimizer: "optimizer",
  exchange: "exchange",
  staging: "staging",
  data: "data",
  other: "other",
};

export class TimePanel {
  readonly element = element("div.time");

  update({ breakdown, msPerStep }: LiveNumbers): void {
    if (!breakdown || !msPerStep) {
      fill(this.element, element("p.empty", {}, "No micro-step yet."));
      return;
    }
    const parts = Object.entries(breakdown)
      .map(([name, ms]) => ({ name, ms: ms as number, share: (ms as number) / msPerStep }))
      .filter(({ share }) => share >= 0.0005)
      .sort((a, b) => b.ms - a.ms);
    fill(
      this.element,
      element(
        "div.time-total",
        {},
        element("b", {}, known(msPerStep, number)),
        " ms per micro-step",
      ),
      element(
        "div.bar",
        {},
        ...parts.map(({ name, share }) => piece(name, share, NAMES[name] ?? name)),
      ),
      element(
        "div.parts",
        {},
        ...parts.map(({ name, ms, share }) =>
          element(
            "div.part",
            { data: { part: name } },
            element("i.swatch"),
            element("span", {}, NAMES[name] ?? name),
            element("b", {}, ms < 10 ? ms.toFixed(1) : ms.toFixed(0)),
            element("em", {}, percent(share)),
          ),
        ),
      ),
    );
  }
}

function piece(name: string, share: number, title: string): HTMLElement {
  const made = element("i", { data: { part: name }, title: `${title} ${percent(share)}` });
  made.style.flexGrow = String(share);
  return made;
}
