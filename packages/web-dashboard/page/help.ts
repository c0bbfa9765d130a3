/** The keys, on "?". */
import { element } from "./element.js";

export const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ["s", "smoothing: raw, .90, .98"],
  ["x  y", "logarithmic micro-steps, logarithmic loss"],
  ["v", "whole run, last 1000, last 200 micro-steps"],
  ["0", "whole run again, after dragging over a chart to zoom"],
  ["r", "lines of what others achieve"],
  ["[  ]", "earlier and later samples"],
  ["j  k", "next and previous run"],
  ["t", "theme: system, light, dark"],
  ["?", "these keys"],
];

export function helpDialog(): HTMLDialogElement {
  const dialog = element(
    "dialog.help",
    { onclick: () => dialog.close() },
    element("h2", {}, "Keys"),
    element(
      "dl",
      {},
      ...KEYS.flatMap(([keys, meaning]) => [
        element("dt", {}, ...keys.split("  ").map((key) => element("kbd", {}, key))),
        element("dd", {}, meaning),
      ]),
    ),
    element(
      "p.empty",
      {},
      "This page only reads. Pause, checkpoint and stop with ane dash in a terminal.",
    ),
  );
  return dialog;
}
