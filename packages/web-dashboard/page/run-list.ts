/** The runs that there are: a click opens one, the box beside it adds it to a comparison. */
import type { RunSummary } from "@ane/run-records";
import { element, fill } from "./element.js";
import { ago, integer, known, loss } from "./format.js";
import { icon } from "./icon.js";

export class RunList {
  readonly element = element("nav.runs", { aria: { label: "Runs" } });
  readonly #items = element("div.run-items");
  readonly #filter = element("input.filter", {
    type: "search",
    placeholder: "Filter",
    aria: { label: "Filter runs" },
  });
  readonly #onOpen: (ids: readonly string[]) => void;
  #runs: readonly RunSummary[] = [];
  #open: readonly string[] = [];
  #colours: readonly string[] = [];

  constructor(onOpen: (ids: readonly string[]) => void) {
    this.#onOpen = onOpen;
    this.#filter.oninput = () => this.#draw();
    this.element.append(
      element("div.runs-head", {}, element("h2", {}, "Runs"), this.#filter),
      this.#items,
    );
  }

  /** @param colours Of the open runs, where they are compared. */
  update(runs: readonly RunSummary[], open: readonly string[], colours: readonly string[]): void {
    [this.#runs, this.#open, this.#colours] = [runs, open, colours];
    this.#filter.hidden = runs.length < 8;
    this.#draw();
  }

  #draw(): void {
    const wanted = this.#filter.value.trim().toLowerCase();
    const shown = this.#runs.filter(({ id, model }) =>
      `${id} ${model ?? ""}`.toLowerCase().includes(wanted),
    );
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    fill(
      this.#items,
      ...shown.map((run) => this.#item(run)),
      shown.length === 0 &&
        element("p.empty", {}, wanted === "" ? "No runs here yet." : "No run is called that."),
    );
    if (focused)
      this.#items.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #item({
    id,
    status,
    model,
    loss: value,
    step,
    steps,
    changed,
    problem,
  }: RunSummary): HTMLElement {
    const place = this.#open.indexOf(id);
    const isCompared = this.#open.length > 1;
    const box = element(
      "button.box",
      {
        data: { key: `box ${id}` },
        onclick: () => this.#toggle(id),
        title: place >= 0 ? "Leave out" : "Compare",
        aria: { label: `Compare ${id}`, pressed: String(place >= 0) },
      },
      place >= 0 && icon("check"),
    );
    if (place >= 0 && isCompared) box.style.setProperty("--tick", this.#colours[place] ?? "");
    const share = steps ? Math.min(1, step / steps) : undefined;
    const bar = element("i.run-progress");
    bar.style.width = `${100 * (share ?? 0)}%`;
    return element(
      "div.run",
      { data: { status, open: String(place >= 0) } },
      element(
        "button.run-open",
        { data: { key: `run ${id}` }, onclick: () => this.#onOpen([id]), title: id },
        element("span.run-name", {}, element("i.status"), id),
        element(
          "span.run-notes",
          {},
          element("span", {}, problem ? "unreadable" : `${known(value, loss)} · ${integer(step)}`),
          element("span", {}, status === "running" ? "running" : ago(changed)),
        ),
        bar,
        element("span.hidden-text", {}, `${model ?? ""} ${status}`),
      ),
      box,
    );
  }

  #toggle(id: string): void {
    const without = this.#open.filter((other) => other !== id);
    if (without.length === this.#open.length) this.#onOpen([...this.#open, id]);
    else if (without.length > 0) this.#onOpen(without);
  }
}
