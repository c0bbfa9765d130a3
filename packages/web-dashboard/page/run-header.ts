/** Which run this is and how it stands. */

import { element, fill } from "./element.js";
import { count } from "./format.js";
import type { RunData } from "./run-data.js";

export class RunHeader {
  readonly element = element("header.run-header");
  readonly #bar = element("i");
  readonly #progress = element("div.progress", {}, this.#bar);
  #shown = "";

  constructor() {
    this.element.append(element("div"), this.#progress);
  }

  update(runs: readonly RunData[], colours: readonly string[]): void {
    const [run] = runs;
    this.#progress.hidden = runs.length !== 1;
    if (!run) return;
    const { numbers } = run;
    this.#bar.style.width = `${100 * Math.min(1, numbers?.steps ? numbers.step / numbers.steps : 0)}%`;
    this.#bar.dataset.status = run.status ?? "";
    const shown = JSON.stringify([
      runs.map(({ id, facts, problem, status, numbers: n }) => [
        id,
        facts,
        problem,
        status,
        n?.isPaused,
      ]),
      colours,
    ]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const made = runs.length === 1 ? single(run) : compared(runs, colours);
    this.element.firstElementChild!.replaceWith(made);
  }
}

function single({ id, facts, numbers, problem, status: known }: RunData): HTMLElement {
  const status = numbers?.isPaused && known === "running" ? "paused" : known;
  const notes = [
    facts?.model,
    facts?.parameters && `${count(facts.parameters)} parameters`,
    facts?.pipeline && `${facts.pipeline} pipeline`,
    facts?.seq && facts.accum && `${facts.accum} × ${facts.seq} tokens per update`,
    facts?.ranks && facts.ranks > 1 && `${facts.ranks} ranks`,
    facts?.device?.split(";")[0],
  ].filter((note): note is string => typeof note === "string" && note !== "");
  return element(
    "div.run-title",
    {},
    element("h1", {}, id, status && element("span.pill", { data: { status } }, status)),
    element(
      "p.notes",
      { title: facts?.device ?? "" },
      ...notes.map((note) => element("span", {}, note)),
    ),
    problem !== undefined && element("p.problem", { role: "alert" }, problem),
  );
}

function compared(runs: readonly RunData[], colours: readonly string[]): HTMLElement {
  const title = element("h1", {}, `${runs.length} runs compared`);
  const names = element("p.notes");
  fill(
    names,
    ...runs.map(({ id, problem }, index) => {
      const dot = element("i.swatch");
      dot.style.background = colours[index]!;
      return element(
        "span",
        problem ? { title: problem } : {},
        dot,
        id,
        problem ? " (unreadable)" : "",
      );
    }),
  );
  return element("div.run-title", {}, title, names);
}
