/** What happened, the newest first. */
import type { LogLine } from "@ane/run-records";
import { element, fill } from "./element.js";
import { integer } from "./format.js";

const SHOWN = 200;

export class LogPanel {
  readonly element = element("div.log", { tabIndex: 0, aria: { label: "Log" } });
  #log: readonly LogLine[] = [];

  update(log: readonly LogLine[]): void {
    if (log === this.#log) return;
    this.#log = log;
    fill(this.element, ...log.slice(-SHOWN).reverse().map(line));
  }
}

function line({ step, time, kind, text }: LogLine): HTMLElement {
  const at = time === undefined ? "" : new Date(time).toLocaleTimeString([], { hour12: false });
  return element(
    "div.log-line",
    { data: { kind } },
    element("time", {}, at),
    element("span.log-step", {}, integer(step)),
    element("span", {}, text),
  );
}
