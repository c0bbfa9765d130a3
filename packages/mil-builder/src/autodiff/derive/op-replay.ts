/** Values of the joint function inside a kernel: read from a slot, a constant, or computed by the op once more, as they are asked for. */
import { type FunctionBuilder, functionBuilder } from "../../builder.js";
import type { FunctionScope } from "../../function-scope.js";
import type { Slot, StagedWeight } from "../../kernel.js";
import { weightPath } from "../../kernels/constant-blob.js";
import { readSlot } from "../../kernels/slots.js";
import { opDefinition } from "../../ops/table.js";
import type { Argument, Constant, Operation, Value } from "../../program.js";
import { sameShape, scalar, tensor } from "../../tensor-type.js";
import type { TrainingGraph } from "./training-graph.js";
import type { DerivedWeight, LayerDefinition } from "./types.js";

/** Where a kernel finds what it does not compute. */
export interface KernelSources {
  /** Slots by the tensor that they hold. */
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly ports: ReadonlyMap<string, Value>;
  /** Parameters that lie in the input surface. */
  readonly staged: ReadonlyMap<string, StagedWeight>;
}

interface ReplayOptions {
  readonly graph: TrainingGraph;
  readonly layer: LayerDefinition;
  readonly scope: FunctionScope;
  readonly sources: KernelSources;
}

/** Exchanges the channel axis and the one behind it: where one of them is 1, no element moves. */
const SWAP = [0, 2, 1, 3] as const;

export class OpReplay {
  /** Weight files that the ops so far read. */
  readonly weights: Record<string, DerivedWeight> = {};
  /** Constant files that they read. */
  readonly constants = new Map<string, Uint8Array>();
  /** Parameters that they read from the surface. */
  readonly stagedUsed: string[] = [];
  readonly #options: ReplayOptions;
  readonly #f: FunctionBuilder;
  readonly #values = new Map<string, Value>();
  readonly #slots = new Map<string, Value>();

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#f = functionBuilder(options.scope);
  }

  /** A tensor as [1, C, 1, S]. */
  rows(tensor: string, name: string): Value {
    const { graph } = this.#options;
    return this.#as(this.value(tensor), [1, graph.rows(tensor)!, 1, graph.S], `${name}_rows`);
  }

  value(name: string): Value {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const { graph, layer, sources } = this.#options;
    const tensor = graph.tensorOf(name);
    if (name in layer.parameters) return this.#keep(name, this.#parameter(name));
    if (!graph.isFixed(name) && sources.inputs.has(tensor)) {
      return this.#keep(name, this.#as(this.#slot(tensor), graph.value(name).type.shape, name));
    }
    const operation = graph.producer(name)!;
    if (operation.type === "const") return this.#keep(name, this.#constant(name, operation));
    const turned = this.#transposedWeight(name, operation);
    if (turned !== undefined) return this.#keep(name, turned);
    const results = this.#replay(operation);
    for (const [index, output] of operation.outputs.entries()) {
      this.#keep(output.name, results[index]!);
    }
    return this.#values.get(name)!;
  }

  #keep(name: string, value: Value): Value {
    this.#values.set(name, value);
    return value;
  }

  #slot(tensor: string): Value {
    let value = this.#slots.get(tensor);
    if (value === undefined) {
      const slot = this.#options.sources.inputs.get(tensor)!;
      value = this.#cut(slot, tensor);
      this.#slots.set(tensor, value);
    }
    return value;
  }

  #cut(slot: Slot, name: string): Value {
    const port = this.#options.sources.ports.get(slot.port)!;
    if (slot.column === undefined) return readSlot(this.#f, port, slot, name);
    const begin = [0, slot.start, 0, slot.column];
    return this.#f.slice_by_size({ x: port, begin, size: slot.shape }, name);
  }

  /** The same rows of elements in another shape. */
  #as(x: Value, shape: readonly number[], name: string): Value {
    const from = x.type.shape;
    if (sameShape(from, shape)) return x;
    const swapped = SWAP.map((axis) => from[axis]!);
    const isUnit = from.length === 4 && (from[1] === 1 || from[2] === 1);
    if (isUnit && sameShape(swapped, shape)) return this.#f.transpose({ x, perm: SWAP }, name);
    return this.#f.reshape({ x, shape }, name);
  }

  #constant(name: string, { attributes }: Operation): Value {
    const { layer, scope } = this.#options;
    const val = attributes.val!;
    if (val.kind === "blob") {
      for (const { path, file } of Object.values(layer.constants ?? {})) {
        if (path === val.path) this.constants.set(path, file);
      }
    }
    return scope.emitConstant(name, val as Constant);
  }

  #parameter(name: string): Value {
    const { graph, sources } = this.#options;
    const staged = sources.staged.get(name);
    if (staged === undefined) return this.#weight(name, name, graph.value(name).type.shape, false);
    const { slot, transposed } = staged;
    const cut = this.#stagedRows(name, slot);
    if (slot.shape[3] === 1 && !this.#isMatrix(name)) return cut;
    return this.#f.transpose({ x: cut, perm: transposed ? [0, 2, 3, 1] : SWAP }, name);
  }

  #stagedRows(name: string, slot: Slot): Value {
    if (!this.stagedUsed.includes(name)) this.stagedUsed.push(name);
    return this.#cut(slot, `${name}_slot`);
  }

  #isMatrix(name: string): boolean {
    return this.#options.layer.parameters[name]?.shape.length === 2;
  }

  #weight(key: string, parameter: string, shape: readonly number[], transposed: boolean): Value {
    const path = weightPath(key);
    this.weights[key] = { path, shape, transposed, parameter };
    const { dtype } = this.#options.graph.value(parameter).type;
    return this.#f.blob(key, tensor(dtype, shape), path);
  }

  /** The transpose of a constant matrix is a file of its own. */
  #transposedWeight(name: string, operation: Operation): Value | undefined {
    const { graph } = this.#options;
    const { x } = operation.inputs;
    if (operation.type !== "transpose" || x?.kind !== "value") return undefined;
    const parameter = x.value.name;
    if (!this.#isMatrix(parameter) || this.#options.sources.staged.has(parameter)) return undefined;
    if (graph.integers(operation, "perm").join() !== "1,0,2,3") return undefined;
    let key = `${parameter}_t`;
    while (Object.hasOwn(this.#options.layer.parameters, key)) key += "t";
    return this.#weight(key, parameter, graph.value(name).type.shape, true);
  }

  #replay(operation: Operation): readonly Value[] {
    const { scope } = this.#options;
    const { type, opset = scope.opset, inputs } = operation;
    const turned = type === "matmul" ? this.#stagedOperands(operation) : {};
    const args = Object.fromEntries(
      Object.entries(inputs).map(([parameter, argument]) => [
        parameter,
        turned[parameter] ?? this.#argument(argument),
      ]),
    );
    const results = scope.append(opDefinition(type, opset)!, args, operation.outputs[0]!.name);
    return (Array.isArray(results) ? results : [results]) as readonly Value[];
  }

  /** Of a product with a matrix that lies transposed in the surface: the matrix as it lies, and the other flag. */
  #stagedOperands(operation: Operation): Readonly<Record<string, Argument>> {
    const { graph, sources } = this.#options;
    const given: Record<string, Argument> = {};
    for (const side of ["x", "y"] as const) {
      const operand = operation.inputs[side];
      const name = operand?.kind === "value" ? operand.value.name : "";
      const staged = sources.staged.get(name);
      if (!staged?.transposed) continue;
      const flag = `transpose_${side}`;
      const isTransposed = graph.integers(operation, flag)[0] === 1;
      given[side] = { kind: "value", value: this.#stagedTranspose(name, staged.slot) };
      given[flag] = { kind: "value", value: this.#flag(flag, !isTransposed) };
    }
    return given;
  }

  #stagedTranspose(name: string, slot: Slot): Value {
    const key = `${name} as it lies`;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const cut = this.#stagedRows(name, slot);
    return this.#keep(key, this.#f.transpose({ x: cut, perm: SWAP }, `${name}_t`));
  }

  #flag(name: string, value: boolean): Value {
    const key = `${name} ${value}`;
    const known = this.#values.get(key);
    return known ?? this.#keep(key, this.#f.constant(name, scalar("bool"), value));
  }

  #argument(argument: Argument): Argument {
    switch (argument.kind) {
      case "value":
        return { kind: "value", value: this.value(argument.value.name) };
      case "tuple":
        return { kind: "tuple", items: argument.items.map((item) => this.#argument(item)) };
      default:
        return argument;
    }
  }
}
