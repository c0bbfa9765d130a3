/**
 * Makes a kernel of a part of the joint function: what it is given is read from slots, what it returns is computed by the ops that
 * this takes, and written to slots.
 */
import { type FunctionBuilder, functionBuilder } from "../../builder.js";
import { finishFunction } from "../../function-outputs.js";
import { FunctionScope } from "../../function-scope.js";
import type { Slot } from "../../kernel.js";
import { channelCount, channelSlots } from "../../kernels/slots.js";
import { shareSubexpressions } from "../../passes/common-subexpressions.js";
import { removeDeadCode } from "../../passes/dead-code.js";
import type { Program, Value } from "../../program.js";
import { tensor } from "../../tensor-type.js";
import { opOrder } from "./op-order.js";
import { type KernelSources, OpReplay } from "./op-replay.js";
import type { SurfaceLayout } from "./surface-layout.js";
import type { TrainingGraph } from "./training-graph.js";
import type { DerivedKernel, LayerDefinition } from "./types.js";

/** What all kernels of a layer have in common. */
export interface EmitSetting {
  readonly graph: TrainingGraph;
  readonly layer: LayerDefinition;
  /** Version and build information of the layer's program. */
  readonly header: Omit<Program, "functions">;
  readonly dtype: "fp16" | "fp32";
  readonly packing: "surface" | "ports";
  /** Of the dynamic pipeline. */
  readonly layout: SurfaceLayout | undefined;
  /** Name of the slot that holds a tensor. */
  readonly slotName: (tensor: string) => string;
}

/** What one kernel reads and returns, as tensors in the order of their slots. */
export interface KernelPlan {
  readonly name: string;
  readonly fed: readonly string[];
  readonly returned: readonly string[];
}

export function emitKernel(setting: EmitSetting, plan: KernelPlan): DerivedKernel {
  const { graph, layer, header, packing, layout, slotName } = setting;
  const { name, fed, returned } = plan;
  const { S, main } = graph;
  const isPorts = packing === "ports";
  const inputs = inputSlots(setting, fed);
  const outputs = isPorts
    ? ownPorts(rowsOf(setting, returned), S, inputs)
    : channelSlots("out", S, rowsOf(setting, returned));
  const scope = new FunctionScope(main.opset);
  const f = functionBuilder(scope);
  const sources: KernelSources = {
    inputs: new Map(fed.map((t) => [t, inputs[slotName(t)]!])),
    ports: inputPorts(setting, f, inputs),
    staged: layout?.staged ?? new Map(),
  };
  const replay = new OpReplay({ graph, layer, scope, sources });
  for (const { outputs: results } of opOrder(graph, returned, new Set(fed))) {
    replay.value(results[0]!.name);
  }
  const results = Object.fromEntries(
    returned.map((t): [string, Value] => [slotName(t), replay.rows(t, slotName(t))]),
  );
  const ports = isPorts
    ? Object.fromEntries(Object.entries(outputs).map(([slot, { port }]) => [port, results[slot]!]))
    : { out: joined(f, Object.values(results)) };
  const program: Program = { ...header, functions: [finishFunction(scope, main.name, ports)] };
  return {
    name,
    program: removeDeadCode(shareSubexpressions(program)),
    inputs,
    outputs,
    weights: replay.weights,
    staged: Object.fromEntries(replay.stagedUsed.map((of) => [of, layout!.staged.get(of)!])),
    constants: replay.constants,
  };
}

/** Where a kernel finds what it is given. */
export function inputSlots(setting: EmitSetting, fed: readonly string[]): Record<string, Slot> {
  const { graph, packing, layout, slotName } = setting;
  if (layout) {
    return Object.fromEntries(fed.map((t) => [slotName(t), layout.activations.get(slotName(t))!]));
  }
  const rows = rowsOf(setting, fed);
  return packing === "ports" ? ownPorts(rows, graph.S) : channelSlots("x", graph.S, rows);
}

/** The inputs of the kernel's function. */
export function inputPorts(
  { graph, dtype, packing, layout }: EmitSetting,
  f: FunctionBuilder,
  inputs: Readonly<Record<string, Slot>>,
): ReadonlyMap<string, Value> {
  if (packing === "ports") {
    return new Map(
      Object.values(inputs).map(({ port, shape }) => [port, f.input(port, tensor(dtype, shape))]),
    );
  }
  const shape = layout?.shape ?? [1, channelCount(inputs), 1, graph.S];
  return new Map([["x", f.input("x", tensor(dtype, shape))]]);
}

function rowsOf({ graph, slotName }: EmitSetting, tensors: readonly string[]) {
  return Object.fromEntries(tensors.map((tensor) => [slotName(tensor), graph.rows(tensor)!]));
}

/**
 * A port for each tensor, in alphabetical order, which is how the engine is reported to number them.
 * @param taken Slots of the kernel's inputs: one that is handed on goes out under another name.
 */
function ownPorts(
  rows: Readonly<Record<string, number>>,
  S: number,
  taken: Readonly<Record<string, Slot>> = {},
): Record<string, Slot> {
  const slots = Object.entries(rows).map(([name, size]): [string, Slot] => {
    const port = name in taken ? `${name}_out` : name;
    return [name, { port, axis: "channel", start: 0, size, shape: [1, size, 1, S] }];
  });
  return Object.fromEntries(slots.sort(([, a], [, b]) => (a.port < b.port ? -1 : 1)));
}

function joined(f: FunctionBuilder, values: readonly Value[]): Value {
  return values.length === 1 ? values[0]! : f.concat({ values, axis: 1, interleave: false }, "out");
}
