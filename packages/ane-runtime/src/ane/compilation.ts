/**
 * One compilation, from the program to a loaded model whose ports are known: checks, budget, the framework's steps. The model is freed
 * if any of them fails.
 */
import type { Program } from "@ane/mil-builder";
import type { ProcessCompileBudget } from "../budget.js";
import type { EngineInfo, WeightFiles } from "../device.js";
import { compileChannel } from "../diagnostics.js";
import { BudgetError } from "../errors.js";
import { compileError } from "./compile-error.js";
import { describeEngine } from "./engine-info.js";
import { type EngineProgram, engineProgram } from "./engine-program.js";
import { isNativeFailure } from "./framework-error.js";
import type { NativeAddon, NativeModel } from "./native.js";
import { type BoundPort, bindPorts } from "./ports.js";

/** What all compilations of a device have in common. */
export interface CompileSetting {
  readonly addon: NativeAddon;
  readonly info: EngineInfo;
  readonly budget: ProcessCompileBudget;
  readonly qos: number;
  readonly performanceStats: boolean;
}

export interface LoadedModel {
  readonly model: NativeModel;
  readonly inputs: readonly BoundPort[];
  readonly outputs: readonly BoundPort[];
}

export class Compilation {
  readonly #setting: CompileSetting;
  readonly #name: string;
  readonly #start = performance.now();
  readonly #source: EngineProgram;
  readonly #model: NativeModel;
  /** Whether one compilation of the budget is held for this one. */
  readonly #mayCompile: boolean;

  /** Everything up to the compiler. @throws CompileError, BudgetError */
  constructor(
    setting: CompileSetting,
    name: string,
    program: Program | string,
    weights: WeightFiles,
  ) {
    const { addon, info, budget, qos, performanceStats } = setting;
    this.#setting = setting;
    this.#name = name;
    try {
      this.#source = engineProgram(name, program, weights, info);
    } catch (error) {
      throw this.#published(error);
    }
    const { text, weights: files } = this.#source;
    try {
      this.#model = new addon.Model({ text, weights: files, qos, performanceStats });
    } catch (error) {
      throw this.#published(this.#translated(error));
    }
    // What the system's cache has needs no compilation, unless it turns out to be unusable.
    this.#mayCompile = budget.reserve();
    if (!this.#mayCompile && !this.#model.cached) {
      this.#model.dispose();
      throw this.#published(new BudgetError(name, budget.used, budget.limit));
    }
  }

  /** @param adopt takes the model over; the model is freed if it throws. @throws CompileError, what `adopt` throws */
  run<T>(adopt: (loaded: LoadedModel) => T): T {
    try {
      return this.#finish(this.#model.load(this.#mayCompile), adopt);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** The same with the framework's steps on another thread. */
  async runAsync<T>(adopt: (loaded: LoadedModel) => T): Promise<T> {
    try {
      return this.#finish(await this.#model.loadAsync(this.#mayCompile), adopt);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** @param compiled whether the compiler ran, rather than its cache */
  #finish<T>(compiled: boolean, adopt: (loaded: LoadedModel) => T): T {
    if (this.#mayCompile && !compiled) this.#setting.budget.giveBack();
    const [name, model] = [this.#name, this.#model];
    const attributes = model.attributes();
    const inputs = bindPorts(name, "input", this.#source.inputs, attributes?.inputs);
    const outputs = bindPorts(name, "output", this.#source.outputs, attributes?.outputs);
    const adopted = adopt({ model, inputs, outputs });
    this.#publish({ shared: !compiled });
    return adopted;
  }

  #failed(error: unknown): unknown {
    // Only a failed load says whether the compiler had run; other failures come after it, when that has been counted.
    const unused = isNativeFailure(error) && error.compiled === false;
    if (this.#mayCompile && unused) this.#setting.budget.giveBack();
    try {
      this.#model.dispose();
    } catch {
      // A refused unload is the lesser news.
    }
    return this.#published(this.#translated(error));
  }

  #translated(error: unknown): unknown {
    if (!isNativeFailure(error)) return error;
    const { info, addon } = this.#setting;
    const { program, text } = this.#source;
    const attempt = {
      kernel: this.#name,
      program,
      text,
      machine: describeEngine(info),
      target: info.generation === null ? {} : { chip: info.generation },
      loadedKernels: addon.loadedModels(),
    };
    return compileError(attempt, error);
  }

  #published(error: unknown): unknown {
    this.#publish({ shared: false, error });
    return error;
  }

  #publish(outcome: { shared: boolean; error?: unknown }): void {
    if (!compileChannel.hasSubscribers) return;
    const elapsedMs = performance.now() - this.#start;
    compileChannel.publish({ device: "ane", kernel: this.#name, elapsedMs, ...outcome });
  }
}
