/** A loaded model of the engine. Requests are made by the addon, one for each list of surfaces, and used again. */

import { checkBindings } from "../check-bindings.js";
import type { Bindings, CompiledKernel, Port } from "../device.js";
import { evaluateChannel } from "../diagnostics.js";
import { DisposedError } from "../errors.js";
import { ANE_SURFACES } from "./bindings.js";
import { evaluationError } from "./evaluation-error.js";
import { isNativeFailure } from "./framework-error.js";
import type { NativeModel, NativeSurface } from "./native.js";
import type { BoundPort } from "./ports.js";

/** What a kernel needs of its device. */
export interface KernelHost {
  /** @throws DisposedError */
  expectOpen(): void;
  /** Runs work after everything that was scheduled before. */
  schedule<T>(work: () => Promise<T>): Promise<T>;
  forget(kernel: AneKernel): void;
}

export class AneKernel implements CompiledKernel {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #name: string;
  readonly #host: KernelHost;
  /** Places among inputs and outputs, in the order in which the addon is given their surfaces. */
  readonly #order: readonly number[];
  #model: NativeModel | undefined;
  #lastHardwareTimeNs: number | null = null;

  /** @param model loaded; belongs to the kernel from now on */
  constructor(
    name: string,
    model: NativeModel,
    inputs: readonly BoundPort[],
    outputs: readonly BoundPort[],
    host: KernelHost,
  ) {
    const boundInputs = inSymbolOrder(inputs, 0);
    const boundOutputs = inSymbolOrder(outputs, inputs.length);
    model.setPorts(
      boundInputs.map(({ symbol }) => symbol),
      boundOutputs.map(({ symbol }) => symbol),
    );
    this.#name = name;
    this.#host = host;
    this.#model = model;
    this.#order = [...boundInputs, ...boundOutputs].map(({ place }) => place);
    this.inputs = inputs.map(({ port }) => port);
    this.outputs = outputs.map(({ port }) => port);
  }

  get lastHardwareTimeNs(): number | null {
    return this.#lastHardwareTimeNs;
  }

  evaluate(bindings: Bindings): void {
    const publish = this.#measured();
    try {
      const { model, surfaces } = this.#checked(bindings);
      this.#lastHardwareTimeNs = model.evaluate(surfaces);
      publish();
    } catch (error) {
      throw publish(this.#translated(error));
    }
  }

  evaluateAsync(bindings: Bindings): Promise<void> {
    return this.#host.schedule(async () => {
      const publish = this.#measured();
      try {
        const { model, surfaces } = this.#checked(bindings);
        this.#lastHardwareTimeNs = await model.evaluateAsync(surfaces);
        publish();
      } catch (error) {
        throw publish(this.#translated(error));
      }
    });
  }

  /**
   * Waits for an evaluation that is running, unloads the model and removes its files.
   * @throws EvaluationError if the engine refuses; what this process held is freed all the same
   */
  dispose(): void {
    const model = this.#model;
    if (!model) return;
    this.#model = undefined;
    this.#host.forget(this);
    try {
      model.dispose();
    } catch (error) {
      throw this.#translated(error);
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #checked(bindings: Bindings): { model: NativeModel; surfaces: NativeSurface[] } {
    const model = this.#model;
    if (!model) throw new DisposedError(`kernel ${this.#name}`);
    this.#host.expectOpen();
    const { inputs, outputs } = this;
    const surfaces = checkBindings(this.#name, inputs, outputs, bindings, ANE_SURFACES);
    return { model, surfaces: this.#order.map((place) => surfaces[place]!.native) };
  }

  #translated(error: unknown): unknown {
    return isNativeFailure(error) ? evaluationError(this.#name, error) : error;
  }

  /** Publishes the evaluation that begins now when it is called, and gives back the error it was called with. */
  #measured(): (error?: unknown) => unknown {
    if (!evaluateChannel.hasSubscribers) return (error) => error;
    const start = performance.now();
    return (error) => {
      const message = { device: "ane", kernel: this.#name, elapsedMs: performance.now() - start };
      evaluateChannel.publish(error === undefined ? message : { ...message, error });
      return error;
    };
  }
}

/** @param first place of the first port */
function inSymbolOrder(ports: readonly BoundPort[], first: number) {
  return ports
    .flatMap(({ symbol }, i) => (symbol === undefined ? [] : [{ place: first + i, symbol }]))
    .sort((a, b) => a.symbol - b.symbol);
}
