/**
 * A run of the trainer in this process, one micro-step at a time on request, so that callers can interleave runs. It ends with
 * the process: a run that is asked to end would first write a checkpoint.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { trainInProcess } from "@ane/trainer";
import { temporaryFolder } from "./temporary-folder.mjs";

/** So many micro-steps per update that no update happens: forward and backward only. */
const NO_UPDATE = 1_000_000;

export class MicroSteps {
  #events;
  /** @type {import("@ane/trainer").RunEvent} */
  run;
  /** @type {import("@ane/trainer").CompileEvent | undefined} */
  compile;
  /** Options in force, with the model's dims. */
  recipe;

  /**
   * @param {import("@ane/trainer").TrainOptions} options
   * @returns {Promise<MicroSteps>} @throws OptionError for what this version or machine does not have
   */
  static async start(options) {
    const steps = new MicroSteps();
    const out = join(temporaryFolder(), "run");
    steps.#events = trainInProcess({
      steps: NO_UPDATE - 1,
      accum: NO_UPDATE,
      compileBudget: 0,
      saveEvery: 0,
      device: "cpu",
      ...options,
      out,
    });
    steps.run = await steps.#next("run");
    steps.recipe = JSON.parse(readFileSync(join(out, "config.json"), "utf8")).recipe;
    return steps;
  }

  /** One micro-step: milliseconds of wall clock until its event is here, and the event. */
  async step() {
    const start = performance.now();
    const event = await this.#next("step");
    return { ms: performance.now() - start, event };
  }

  async #next(type) {
    for (let next = await this.#events.next(); !next.done; next = await this.#events.next()) {
      if (next.value.type === "compile") this.compile ??= next.value;
      if (next.value.type === type) return next.value;
    }
    throw new Error(`the run ended before its next event of type "${type}"`);
  }
}
