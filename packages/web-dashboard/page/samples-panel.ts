/** Texts that the model wrote on the way, always from the same prompts: a slider goes through the run. */
import type { SampleText } from "../src/wire.js";
import { element, fill, setText } from "./element.js";
import { integer } from "./format.js";
import { type IconName, icon } from "./icon.js";

export class SamplesPanel {
  readonly element = element("div.samples");
  readonly #slider = element("input", {
    type: "range",
    min: "0",
    aria: { label: "Samples over the run" },
  });
  readonly #step = element("b");
  readonly #texts = element("div.sample-texts");
  readonly #controls: HTMLElement;
  #groups: (readonly SampleText[])[] = [];
  /** Stays at the newest until somebody looks back. */
  #isNewest = true;

  constructor() {
    const button = (look: IconName, name: string, by: number) =>
      element("button.icon", { onclick: () => this.move(by), aria: { label: name } }, icon(look));
    this.#controls = element(
      "div.sample-controls",
      {},
      button("earlier", "Earlier sample", -1),
      this.#slider,
      button("later", "Later sample", 1),
      this.#step,
    );
    this.#slider.oninput = () => this.#choose(Number(this.#slider.value));
    this.element.append(this.#controls, this.#texts);
  }

  update(samples: readonly SampleText[]): void {
    const steps = new Map<number, SampleText[]>();
    for (const sample of samples)
      steps.set(sample.step, [...(steps.get(sample.step) ?? []), sample]);
    this.#groups = [...steps.values()];
    const last = this.#groups.length - 1;
    this.#controls.hidden = last < 1;
    this.#slider.max = String(Math.max(last, 0));
    if (this.#isNewest) this.#slider.value = String(Math.max(last, 0));
    this.#show();
  }

  move(by: number): void {
    this.#choose(Number(this.#slider.value) + by);
  }

  #choose(index: number): void {
    const last = this.#groups.length - 1;
    this.#slider.value = String(Math.min(Math.max(index, 0), last));
    this.#isNewest = Number(this.#slider.value) === last;
    this.#show();
  }

  #show(): void {
    const group = this.#groups[Number(this.#slider.value)] ?? [];
    setText(this.#step, group[0] ? `step ${integer(group[0].step)}` : "");
    const texts = group.map(({ prompt, text }) => `${prompt}\u0000${text}`).join("\u0001");
    if (this.#texts.dataset.shown === texts) return;
    this.#texts.dataset.shown = texts;
    fill(
      this.#texts,
      ...group.map(({ prompt, text }) => {
        const rest = text.startsWith(prompt) ? text.slice(prompt.length) : text;
        return element("blockquote", {}, element("span.prompt", {}, prompt), rest);
      }),
    );
  }
}
