/** A compiled program of the cpu device: a plan that it may share with other kernels, and the weights that are its own. */

import { checkBindings } from "../check-bindings.js";
import type { Bindings, CompiledKernel, Port, WeightFiles } from "../device.js";
import { evaluateChannel } from "../diagnostics.js";
import { AneError, DisposedError, EvaluationError } from "../errors.js";
import { CPU_SURFACES } from "./bindings.js";
import { formatPlan } from "./describe-plan.js";
import { type Memory, memoryOf, type Plan, type Workspace } from "./plan.js";
import { profileSteps } from "./profile-steps.js";
import type { Scratch } from "./scratch.js";
import { resolveBlob } from "./weights.js";

/** What a kernel needs of its device. */
export interface KernelHost {
  readonly scratch: Scratch;
  /** @throws DisposedError */
  expectOpen(): void;
  /** Runs work after everything that was scheduled before. */
  schedule(work: () => void): Promise<void>;
}

export class CpuKernel implements CompiledKernel {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #name: string;
  readonly #plan: Plan;
  readonly #host: KernelHost;
  #workspace: (Workspace & { readonly memory: Memory[] }) | undefined;
  #scratchViews: ReadonlyMap<number, Memory> | undefined;

  /** @throws CompileError if a weight is missing or of another type */
  constructor(name: string, plan: Plan, weights: WeightFiles, host: KernelHost) {
    this.#name = name;
    this.#plan = plan;
    this.#host = host;
    this.inputs = plan.inputs;
    this.outputs = plan.outputs;
    for (const [value, reference] of plan.blobs) resolveBlob(name, value, reference, weights);
    this.#workspace = { memory: constantMemory(name, plan, weights), weights };
    for (const stage of plan.preparationStages) stage.run(this.#workspace);
  }

  evaluate(bindings: Bindings): void {
    if (!evaluateChannel.hasSubscribers) {
      this.#run(bindings);
      return;
    }
    const start = performance.now();
    const message = { device: "cpu" as const, kernel: this.#name };
    try {
      this.#run(bindings);
      evaluateChannel.publish({ ...message, elapsedMs: performance.now() - start });
    } catch (error) {
      evaluateChannel.publish({ ...message, elapsedMs: performance.now() - start, error });
      throw error;
    }
  }

  evaluateAsync(bindings: Bindings): Promise<void> {
    return this.#host.schedule(() => this.evaluate(bindings));
  }

  /** The plan as text; see `describePlan`. */
  describe(): string {
    return formatPlan(this.#plan);
  }

  /** The plan as text with the shortest time that each step took in some evaluations. */
  profile(bindings: Bindings, rounds: number): string {
    const workspace = this.#prepared(bindings);
    const { steps, buffers } = this.#plan;
    return formatPlan(this.#plan, profileSteps(steps, buffers, workspace, rounds));
  }

  dispose(): void {
    this.#workspace = undefined;
    this.#scratchViews = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The workspace with the memory of the bound surfaces and of the scratch block. */
  #prepared(bindings: Bindings): Workspace {
    const workspace = this.#workspace;
    if (!workspace) throw new DisposedError(`kernel ${this.#name}`);
    this.#host.expectOpen();
    const { inputs, outputs } = this.#plan;
    const surfaces = checkBindings(this.#name, inputs, outputs, bindings, CPU_SURFACES);
    const { memory } = workspace;
    this.#takeScratch(memory);
    // The buffers of ports come first, in the order of the ports.
    surfaces.forEach((surface, port) => {
      memory[port] = surface.elements;
    });
    return workspace;
  }

  #run(bindings: Bindings): void {
    const workspace = this.#prepared(bindings);
    try {
      for (const stage of this.#plan.stages) stage.run(workspace);
    } catch (cause) {
      if (cause instanceof AneError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EvaluationError(this.#name, reason, { cause });
    }
  }

  /** The scratch memory moves when another kernel needs more of it. */
  #takeScratch(memory: Memory[]): void {
    const views = this.#host.scratch.viewsOf(this.#plan);
    if (views === this.#scratchViews) return;
    for (const [buffer, view] of views) memory[buffer] = view;
    this.#scratchViews = views;
  }
}

const NONE = new Uint16Array(0);

/** Memory of each buffer: constants in place, the rest empty until a kernel runs. */
function constantMemory(name: string, plan: Plan, weights: WeightFiles): Memory[] {
  return plan.buffers.map((buffer): Memory => {
    const { source } = buffer;
    switch (source.kind) {
      case "literal":
        return source.memory;
      case "blob":
        return resolveBlob(name, buffer.name, source.reference, weights);
      case "derived":
        return memoryOf(buffer);
      default:
        return NONE;
    }
  });
}
