/**
 * The cpu device: MIL programs on the processor, through the native operations of @ane/accel-ops. It is the default off
 * Apple silicon, the simulator of the engine's contract, and the oracle for it.
 */
import { type Program, print } from "@ane/mil-builder";
import { ProcessCompileBudget } from "../budget.js";
import type {
  CompiledKernel,
  CompileOptions,
  Device,
  DeviceOptions,
  Port,
  Surface,
  WeightFiles,
} from "../device.js";
import { compileChannel } from "../diagnostics.js";
import { DisposedError } from "../errors.js";
import { CpuKernel, type KernelHost } from "./kernel.js";
import type { Numerics } from "./lowering.js";
import { makePlan } from "./make-plan.js";
import { holds } from "./masks.js";
import type { Plan } from "./plan.js";
import { Scratch } from "./scratch.js";
import { parseSource } from "./source.js";
import { CpuSurface } from "./surface.js";

const NO_WEIGHTS: WeightFiles = new Map();

export class CpuDevice implements Device, KernelHost {
  readonly kind = "cpu";
  readonly description: string;
  readonly budget: ProcessCompileBudget;
  readonly scratch = new Scratch();
  readonly #numerics: Numerics;
  /** The plans of a program: one, unless kernels have different masks. */
  readonly #plansOfProgram = new WeakMap<Program, Plan[]>();
  readonly #plansOfText = new Map<string, Plan[]>();
  #queue: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(description: string, { numerics = "fp16", compileBudget }: DeviceOptions = {}) {
    this.description = description;
    this.#numerics = numerics;
    this.budget = new ProcessCompileBudget(compileBudget);
  }

  compile(
    program: Program | string,
    weights: WeightFiles = NO_WEIGHTS,
    { name = "kernel" }: CompileOptions = {},
  ): CompiledKernel {
    this.expectOpen();
    this.budget.check(name);
    const start = performance.now();
    let shared = false;
    try {
      const plans = this.#plansOf(program);
      const known = plans.find((plan) => holds(plan, name, weights));
      shared = known !== undefined;
      const plan = known ?? this.#newPlan(name, program, weights);
      if (!known) plans.push(plan);
      const kernel = new CpuKernel(name, plan, weights, this);
      this.scratch.reserve(plan);
      this.budget.spend();
      publish({ kernel: name, start, shared });
      return kernel;
    } catch (error) {
      publish({ kernel: name, start, shared, error });
      throw error;
    }
  }

  compileAsync(
    program: Program | string,
    weights?: WeightFiles,
    options?: CompileOptions,
  ): Promise<CompiledKernel> {
    return this.#afterQueue(() => this.compile(program, weights, options));
  }

  createSurface(port: Pick<Port, "dtype" | "shape">): Surface {
    this.expectOpen();
    return new CpuSurface(port);
  }

  schedule(work: () => void): Promise<void> {
    return this.#afterQueue(work);
  }

  expectOpen(): void {
    if (this.#disposed) throw new DisposedError("cpu device");
  }

  dispose(): void {
    this.#disposed = true;
    this.#plansOfText.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #plansOf(source: Program | string): Plan[] {
    const known = typeof source === "string" ? undefined : this.#plansOfProgram.get(source);
    if (known) return known;
    const text = typeof source === "string" ? source : print(source);
    const plans = this.#plansOfText.get(text) ?? [];
    this.#plansOfText.set(text, plans);
    if (typeof source !== "string") this.#plansOfProgram.set(source, plans);
    return plans;
  }

  #newPlan(name: string, source: Program | string, weights: WeightFiles): Plan {
    const program = typeof source === "string" ? parseSource(name, source) : source;
    return makePlan(name, program, this.#numerics, weights);
  }

  /** One after another, each on a turn of the event loop of its own. */
  #afterQueue<T>(work: () => T): Promise<T> {
    const result = this.#queue.then(
      () =>
        new Promise<T>((resolve, reject) => {
          setImmediate(() => {
            try {
              resolve(work());
            } catch (error) {
              reject(error);
            }
          });
        }),
    );
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

function publish(message: {
  kernel: string;
  start: number;
  shared: boolean;
  error?: unknown;
}): void {
  if (!compileChannel.hasSubscribers) return;
  const { start, ...rest } = message;
  compileChannel.publish({ device: "cpu", ...rest, elapsedMs: performance.now() - start });
}
