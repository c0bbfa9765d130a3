/** A loaded model of the engine. Requests are made by the addon, one for each list of surfaces, and used again. */
import type { Bindings, CompiledKernel, Port } from "../device.js";
import { evaluateChannel } from "../diagnostics.js";
import { DisposedError } from "../errors.js";
import { checkBindings } from "./bindings.js";
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
  /** Names of the ports in the order in which the addon is given their surfaces. */
  readonly #order: readonly string[];
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
    const [boundInputs, boundOutputs] = [inSymbolOrder(inputs), inSymbolOrder(outputs)];
    model.setPorts(
      boundInputs.map(({ symbol }) => symbol),
      boundOutputs.map(({ symbol }) => symbol),
    );
    this.#name = name;
    this.#host = host;
    this.#model = model;
    this.#order = [...boundInputs, ...boundOutputs].map(({ name }) => name);
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
    const surfaces = checkBindings(this.#name, this.inputs, this.outputs, bindings);
    return { model, surfaces: this.#order.map((port) => surfaces.get(port)!.native) };
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

function inSymbolOrder(ports: readonly BoundPort[]): { name: string; symbol: number }[] {
  return ports
    .flatMap(({ port, symbol }) => (symbol === undefined ? [] : [{ name: port.name, symbol }]))
    .sort((a, b) => a.symbol - b.symbol);
}
