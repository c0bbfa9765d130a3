/**
 * The Neural Engine. Kernels and surfaces belong to the device that made them and go with it, kernels first. Asynchronous calls run
 * on threads of libuv's pool, one after the other in the order they were made.
 */
import type { Program } from "@ane/mil-builder";
import { ProcessCompileBudget } from "../budget.js";
import type {
  CompiledKernel,
  CompileOptions,
  Device,
  DeviceOptions,
  EngineInfo,
  Port,
  Surface,
  WeightFiles,
} from "../device.js";
import { DisposedError } from "../errors.js";
import { Compilation, type CompileSetting, type LoadedModel } from "./compilation.js";
import { AneKernel, type KernelHost } from "./kernel.js";
import type { NativeAddon } from "./native.js";
import { qosValue } from "./quality-of-service.js";
import { AneSurface } from "./surface.js";

const NO_WEIGHTS: WeightFiles = new Map();

export class AneDevice implements Device, KernelHost {
  readonly kind = "ane";
  readonly description: string;
  readonly info: EngineInfo;
  readonly budget: ProcessCompileBudget;
  readonly #setting: CompileSetting;
  readonly #kernels = new Set<AneKernel>();
  readonly #surfaces = new Set<AneSurface>();
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** @param addon opened */
  constructor(
    addon: NativeAddon,
    info: EngineInfo,
    description: string,
    { compileBudget, qos, performanceStats = false }: DeviceOptions = {},
  ) {
    const budget = new ProcessCompileBudget(compileBudget);
    this.description = description;
    this.info = info;
    this.budget = budget;
    this.#setting = { addon, info, budget, qos: qosValue(qos), performanceStats };
  }

  get loadedKernels(): number {
    return this.#setting.addon.loadedModels();
  }

  compile(
    program: Program | string,
    weights: WeightFiles = NO_WEIGHTS,
    { name = "kernel" }: CompileOptions = {},
  ): CompiledKernel {
    this.expectOpen();
    const compilation = new Compilation(this.#setting, name, program, weights);
    return compilation.run((loaded) => this.#adopt(name, loaded));
  }

  compileAsync(
    program: Program | string,
    weights: WeightFiles = NO_WEIGHTS,
    { name = "kernel" }: CompileOptions = {},
  ): Promise<CompiledKernel> {
    return this.schedule(() => {
      this.expectOpen();
      const compilation = new Compilation(this.#setting, name, program, weights);
      return compilation.runAsync((loaded) => this.#adopt(name, loaded));
    });
  }

  createSurface(port: Omit<Port, "name">): Surface {
    this.expectOpen();
    const forget = (gone: AneSurface) => this.#surfaces.delete(gone);
    const surface = new AneSurface(this.#setting.addon, port, forget);
    this.#surfaces.add(surface);
    return surface;
  }

  schedule<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  expectOpen(): void {
    if (this.#disposed) throw new DisposedError("ane device");
  }

  forget(kernel: AneKernel): void {
    this.#kernels.delete(kernel);
  }

  /** @throws EvaluationError of the first kernel that the engine refused to unload; everything is freed all the same */
  dispose(): void {
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const child of [...this.#kernels, ...this.#surfaces]) {
      try {
        child.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @throws DisposedError if the device was disposed of while the compiler ran */
  #adopt(name: string, { model, inputs, outputs }: LoadedModel): AneKernel {
    this.expectOpen();
    const kernel = new AneKernel(name, model, inputs, outputs, this);
    this.#kernels.add(kernel);
    return kernel;
  }
}
