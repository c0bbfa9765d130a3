/** A layer's joint function in tensors: what is wanted of it, what may be saved, and the names of the slots that tensors lie in. */
import { operandsOf } from "../../arguments.js";
import { elementCount } from "../../tensor-type.js";
import { DeriveError } from "./derive-error.js";
import { M3_COSTS, OpPrices } from "./device-costs.js";
import { type GradientForm, gradientForms } from "./gradient-forms.js";
import { type JointProgram, jointProgram } from "./joint-program.js";
import type { PlanProblem } from "./plan-kernels.js";
import { TrainingGraph } from "./training-graph.js";
import type { DeriveOptions, LayerDefinition } from "./types.js";

export class LayerTensors {
  readonly layer: LayerDefinition;
  readonly options: DeriveOptions;
  readonly joint: JointProgram;
  readonly graph: TrainingGraph;
  /** What the gradient of each parameter is made of. */
  readonly forms: ReadonlyMap<string, readonly GradientForm[]>;
  readonly problem: PlanProblem;
  readonly #names: ReadonlyMap<string, string>;

  constructor(layer: LayerDefinition, options: DeriveOptions) {
    const joint = jointProgram(layer, options);
    const parameters = options.pipeline === "static" ? [] : Object.keys(layer.parameters);
    const graph = new TrainingGraph(
      joint.main,
      options.seqLen,
      [...joint.seeds.values()],
      parameters,
    );
    this.layer = layer;
    this.options = options;
    this.joint = joint;
    this.graph = graph;
    this.forms = new Map(
      [...joint.rows].map(([name, rows]) => {
        const count = elementCount(layer.parameters[name]!.shape);
        return [name, gradientForms(graph, joint.gradients.get(name)!, rows, count)];
      }),
    );
    this.#names = slotNames(graph, joint, this.forms);
    this.problem = this.#problem();
  }

  /** Of the slot that holds a tensor. */
  slotName(tensor: string): string {
    return this.#names.get(tensor) ?? tensor;
  }

  /** The gradient of a value that was asked for. */
  gradient(of: string): string {
    return this.graph.tensorOf(this.joint.gradients.get(of)!);
  }

  /** Names of the values whose gradients the kernels return. */
  get asked(): readonly string[] {
    return this.options.gradients ?? Object.keys(this.layer.inputs);
  }

  #problem(): PlanProblem {
    const { save = [], recompute = [], cutAfter = [], pipeline, costs } = this.options;
    const { graph, joint } = this;
    const parts = [...this.forms.values()]
      .flat()
      .flatMap((form) => (form.kind === "product" ? [form.dy, form.x] : [form.of]));
    const isGradient = (tensor: string) => graph.isFromSeeds(tensor);
    const inputs = Object.keys(this.layer.inputs).map((name) => graph.tensorOf(name));
    const asked = this.asked.map((name) => this.gradient(name));
    const rates = { ...M3_COSTS, ...costs };
    return {
      graph,
      costs: rates,
      prices: new OpPrices(rates, (name) => graph.isFixed(name)),
      inputs,
      outputs: joint.outputs.map((name) => graph.tensorOf(name)),
      seeds: [...joint.seeds.values()].map((name) => graph.tensorOf(name)),
      wanted: [...new Set([...asked, ...parts.filter(isGradient)])],
      taps: [...new Set(parts.filter((t) => !isGradient(t) && !inputs.includes(t)))],
      save: new Set(save.map((name) => this.#tensorNamed(name))),
      recompute: new Set(recompute.map((name) => this.#tensorNamed(name))),
      handedOn: new Set(cutAfter.flat().map((name) => this.gradient(name))),
      isShared: pipeline === "dynamic",
    };
  }

  #tensorNamed(name: string): string {
    if (this.graph.has(name)) return this.graph.tensorOf(name);
    throw new DeriveError(
      "layer",
      `${this.layer.name}: "save" and "recompute" name values of the forward pass, which are ${this.joint.forwardNames.join(", ")}, got "${name}". Give the op that computes it this name.`,
    );
  }
}

/** Slots go by what the tensors are to the layer: its inputs, outputs and gradients; others by their own names. */
function slotNames(
  graph: TrainingGraph,
  { main, outputs, seeds, gradients }: JointProgram,
  forms: ReadonlyMap<string, readonly GradientForm[]>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const give = (tensor: string, name: string) => {
    if (names.has(tensor) || taken.has(name)) return;
    names.set(tensor, name);
    taken.add(name);
  };
  const brought = [...seeds.values()];
  for (const { name } of main.inputs) {
    if (!brought.includes(name)) give(graph.tensorOf(name), name);
  }
  for (const [output, seed] of seeds) give(graph.tensorOf(seed), `d_${output}`);
  for (const output of outputs) give(graph.tensorOf(output), output);
  for (const port of gradients.values()) give(graph.tensorOf(port), port);
  for (const [parameter, list] of forms) {
    const reader = graph.operations.find((operation) =>
      operandsOf(operation).some(({ name }) => name === parameter),
    );
    const result = reader && graph.tensorOf(reader.outputs[0]!.name);
    for (const form of list) if (form.kind === "product") give(form.dy, `d_${result}`);
  }
  return names;
}
