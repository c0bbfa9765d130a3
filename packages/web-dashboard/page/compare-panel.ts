/** Runs beside each other: what they reached, and in what their configurations differ. */
import type { ConfigTable } from "../src/wire.js";
import { apiAddress } from "./connection.js";
import { element, fill } from "./element.js";
import { count, duration, integer, known, loss, number } from "./format.js";
import type { RunData } from "./run-data.js";

const RESULTS: readonly (readonly [
  string,
  (run: RunData) => string,
  "low" | "high" | undefined,
])[] = [
  ["training loss", ({ numbers }) => known(numbers?.smoothedLoss?.[0.98], loss), "low"],
  ["best validation", ({ numbers }) => known(numbers?.bestValidation?.value, loss), "low"],
  ["micro-steps", ({ numbers }) => known(numbers?.step, integer), undefined],
  ["tokens", ({ numbers }) => known(numbers?.tokens, count), undefined],
  ["worked", ({ numbers }) => known(numbers?.workedMs, duration), undefined],
  ["tokens per second", ({ numbers }) => known(numbers?.tokensPerSecond, integer), "high"],
  ["ms per micro-step", ({ numbers }) => known(numbers?.msPerStep, number), "low"],
  ["parameters", ({ facts }) => known(facts?.parameters, count), undefined],
];

export class ComparePanel {
  readonly element = element("div.compare");
  readonly #results = element("div.table-frame");
  readonly #config = element("div.table-frame");
  readonly #all = element("input", { type: "checkbox", onchange: () => this.#drawConfig() });
  readonly #label = element("label.all", {}, this.#all, "equal values too");
  #asked = "";
  #table: ConfigTable | undefined;

  constructor() {
    this.element.append(this.#results, this.#label, this.#config);
  }

  update(runs: readonly RunData[], colours: readonly string[]): void {
    const isCompared = runs.length > 1;
    this.#results.hidden = !isCompared;
    this.#label.hidden = !isCompared;
    if (isCompared) fill(this.#results, results(runs, colours));
    const asked = runs.map(({ id }) => id).join("\n");
    if (asked === this.#asked) return;
    this.#asked = asked;
    void this.#load(runs.map(({ id }) => id));
  }

  async #load(ids: readonly string[]): Promise<void> {
    const asked = this.#asked;
    const answer = await fetch(apiAddress("config", ids));
    if (!answer.ok || asked !== this.#asked) return;
    this.#table = (await answer.json()) as ConfigTable;
    this.#drawConfig();
  }

  #drawConfig(): void {
    if (!this.#table) return;
    const { runs, rows } = this.#table;
    const differs = (values: readonly (string | null)[]) => new Set(values).size > 1;
    const shown = rows.filter(([, values]) => this.#all.checked || differs(values));
    if (runs.length === 1) {
      const pairs = rows.map(([name, [value]]) =>
        element(
          "div",
          {},
          element("dt", {}, name),
          element("dd", { title: value ?? "" }, short(value ?? null)),
        ),
      );
      fill(this.#config, element("dl.values", {}, ...pairs));
      return;
    }
    fill(
      this.#config,
      shown.length === 0
        ? element("p.empty", {}, "The configurations are equal.")
        : element(
            "table",
            {},
            head("configuration", runs),
            element(
              "tbody",
              {},
              ...shown.map(([name, values]) =>
                element(
                  "tr",
                  { data: { differs: String(differs(values)) } },
                  element("th", { scope: "row" }, name),
                  ...values.map((value) => element("td", { title: value ?? "" }, short(value))),
                ),
              ),
            ),
          ),
    );
  }
}

function results(runs: readonly RunData[], colours: readonly string[]): HTMLElement {
  return element(
    "table",
    {},
    head(
      "result",
      runs.map(({ id }) => id),
      colours,
    ),
    element(
      "tbody",
      {},
      ...RESULTS.map(([name, cell, better]) => {
        const texts = runs.map(cell);
        const best = bestOf(texts, better);
        return element(
          "tr",
          {},
          element("th", { scope: "row" }, name),
          ...texts.map((text) => element(text === best ? "td.best" : "td", {}, text)),
        );
      }),
    ),
  );
}

function head(
  first: string,
  names: readonly string[],
  colours: readonly string[] = [],
): HTMLElement {
  return element(
    "thead",
    {},
    element(
      "tr",
      {},
      element("th", {}, first),
      ...names.map((name, index) => {
        const dot = element("i.swatch");
        dot.style.background = colours[index] ?? "transparent";
        return element("th", { scope: "col", title: name }, colours[index] && dot, shortName(name));
      }),
    ),
  );
}

function bestOf(texts: readonly string[], better: "low" | "high" | undefined): string | undefined {
  const numbers = texts.map((text) => Number(text.replaceAll(",", "")));
  const finite = numbers.filter(Number.isFinite);
  if (better === undefined || new Set(finite).size < 2) return undefined;
  return texts[numbers.indexOf(better === "low" ? Math.min(...finite) : Math.max(...finite))];
}

/** Names of runs differ at either end. */
function shortName(name: string): string {
  return name.length > 30 ? `${name.slice(0, 14)}…${name.slice(-14)}` : name;
}

/** Digests and paths by their ends. */
function short(value: string | null): string {
  if (value === null) return "–";
  if (/^[0-9a-f]{64}$/.test(value)) return `${value.slice(0, 10)}…`;
  return value.length > 42 ? `…${value.slice(-40)}` : value;
}
