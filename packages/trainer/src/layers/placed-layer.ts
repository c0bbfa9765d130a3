/**
 * A layer at its place in a model, where the shapes of its input and output are known. Surfaces hold rows: [1, C, 1, W] goes in as
 * it is where the result has as many columns; other tensors [N, C, H, W] as rows of equal length, which the layer's program reshapes.
 */
import { createHash } from "node:crypto";
import {
  buildProgram,
  type FunctionBuilder,
  type MilFunction,
  type Program,
  print,
  removeDeadCode,
  tensor,
  toHalfArray,
  type Value,
  writeBlobFile,
} from "@ane/mil-builder";
import type { LayerDefinition as DerivableLayer } from "@ane/mil-builder/autodiff";
import { messageOf } from "../input-files.js";
import type { LayerDefinition } from "./define-layer.js";
import { DefinitionError } from "./definition-error.js";
import { ownGradients } from "./own-gradients.js";

export type Shape = readonly [n: number, c: number, h: number, w: number];

export type DType = "fp16" | "fp32";

export interface PlacedLayer {
  /** From 0. */
  readonly index: number;
  readonly layer: LayerDefinition;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Elements of a row of its surfaces. */
  readonly row: number;
  /** Of what gradients are wanted besides its parameters: of x, where something before the layer is trained. */
  readonly gradients: readonly string[];
  /** SHA-256 of what it computes, hexadecimal: layers of one digest may share their kernels. */
  readonly digest: string;
}

/** A row fills whole 64-byte lines; of long rows there are fewer, and chips limit their number. */
const SHORTEST_ROW = 32;
const LONGEST_PACKED_ROW = 512;

/** Elements of a tensor. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Follows the shapes through the layers. @throws DefinitionError */
export function placeLayers(
  where: string,
  layers: readonly LayerDefinition[],
  first: Shape,
  isInputTrained: boolean,
): readonly PlacedLayer[] {
  let inputShape = first;
  return layers.map((layer, index) => {
    const place = `${where}, layer ${index} "${layer?.name}"`;
    const { program, outputShape } = forwardOf(place, layer, inputShape);
    const isText = [inputShape, outputShape].every(([n, , h]) => n === 1 && h === 1);
    const isUnpacked = isText && inputShape[3] === outputShape[3];
    const row = isUnpacked ? inputShape[3] : packedRow(inputShape, outputShape);
    for (const [side, shape] of Object.entries({ input: inputShape, output: outputShape })) {
      if (elements(shape) % row === 0 && row % SHORTEST_ROW === 0) continue;
      throw new DefinitionError(
        place,
        `the elements of the ${side} must be a multiple of ${SHORTEST_ROW}, got [${shape.join(", ")}]. Change the batch or the channels.`,
      );
    }
    const gradients = index === 0 && !isInputTrained ? [] : ["x"];
    const digest = digestOf(place, layer, program, gradients);
    const placed = { index, layer, inputShape, outputShape, row, gradients, digest };
    inputShape = outputShape;
    return placed;
  });
}

/** Elements of a row that divides both tensors. */
function packedRow(input: Shape, output: Shape): number {
  let row = SHORTEST_ROW;
  const divides = (length: number) =>
    elements(input) % length === 0 && elements(output) % length === 0;
  while (row < LONGEST_PACKED_ROW && divides(2 * row)) row *= 2;
  return row;
}

interface Forward {
  readonly program: Program;
  readonly outputShape: Shape;
}

/** The layer as a program of one input [N, C, H, W], its parameters in blobs. @throws DefinitionError naming the layer */
function forwardOf(where: string, layer: LayerDefinition, x: Shape): Forward {
  if (typeof layer?.forward !== "function") {
    throw new DefinitionError(
      where,
      `a layer must be what defineLayer returns, got ${typeof layer}. Call the function that makes it.`,
    );
  }
  let shape: readonly number[] = [];
  const { parameters = {}, constants = {} } = layer;
  let program: Program;
  try {
    program = buildProgram({}, (f) => {
      const blob = (name: string, own: readonly number[]) =>
        f.blob(name, tensor("fp16", own), `@model_path/weights/${name}.bin`);
      const y = layer.forward(f, {
        x: f.input("x", tensor("fp16", x)),
        w: known(
          "w",
          mapRecord(parameters, (parameter, name) => blob(name, valueShape(parameter.shape))),
        ),
        constants: known(
          "constants",
          mapRecord(constants, (table, name) => blob(name, table.shape)),
        ),
      });
      if (y?.type === undefined) {
        throw new TypeError(
          `forward must return the layer's result, got ${y === undefined ? "nothing" : typeof y}. Write return.`,
        );
      }
      shape = y.type.shape;
      return { y };
    });
  } catch (cause) {
    throw new DefinitionError(where, messageOf(cause), { cause });
  }
  if (shape.length !== 4) {
    throw new DefinitionError(
      where,
      `forward must return a tensor [N, C, H, W], got [${shape.join(", ")}]. Reshape it.`,
    );
  }
  if (layer.residual && shape.join() !== x.join()) {
    throw new DefinitionError(
      where,
      `a residual layer must return the shape of x, [${x.join(", ")}], got [${shape.join(", ")}]. Leave out residual, or project it back.`,
    );
  }
  expectUsed(where, layer, program);
  return { program, outputShape: shape as Shape };
}

/** Values by name, of which one that is not there is an error: usually a slip of the pen. */
function known(of: string, values: Readonly<Record<string, Value>>): Record<string, Value> {
  return new Proxy(values, {
    get(target, name) {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return target[name as string];
      const names = Object.keys(target).join(", ") || "none";
      throw new TypeError(
        `forward must read what the layer defines, got ${of}.${name}. Correct the name: there are ${names}.`,
      );
    },
  });
}

/** What has no part in the result cannot be trained: usually a slip. @throws DefinitionError */
function expectUsed(where: string, { parameters = {} }: LayerDefinition, program: Program): void {
  const [{ operations }] = removeDeadCode(program).functions as [MilFunction];
  const made = new Set(operations.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  const unused = Object.keys(parameters).find((name) => !made.has(name));
  if (unused !== undefined) {
    throw new DefinitionError(
      where,
      `forward must use every parameter for its result, got "${unused}" unused. Use it, or remove it.`,
    );
  }
}

/** Of a parameter as a MIL value. */
function valueShape(shape: readonly number[]): readonly number[] {
  if (shape.length === 1) return [1, shape[0]!, 1, 1];
  return shape.length === 2 ? [...shape, 1, 1] : shape;
}

function digestOf(
  where: string,
  layer: LayerDefinition,
  program: Program,
  gradients: readonly string[],
): string {
  const { name, residual = false, constants = {} } = layer;
  const hash = createHash("sha256").update(`${name} ${residual}\n${print(program)}`);
  hash.update(ownGradients(where, layer, program, gradients));
  for (const [constant, { shape, elements: make }] of Object.entries(constants)) {
    const given = Float32Array.from(make());
    const bad = given.findIndex(Number.isNaN);
    if (given.length !== elements(shape) || bad >= 0) {
      throw new DefinitionError(
        `${where}, constant "${constant}"`,
        `elements must give the ${elements(shape)} numbers of [${shape.join(", ")}], got ${given.length}${bad >= 0 ? `, element ${bad} no number` : ""}. Correct its elements or its shape.`,
      );
    }
    hash.update(given);
  }
  return hash.digest("hex");
}

/** SHA-256 of what all layers compute, hexadecimal. */
export function digestLayers(layers: readonly PlacedLayer[]): string {
  const all = layers.map(({ digest }) => digest).join();
  return createHash("sha256").update(all).digest("hex");
}

/** The layer as rows of `row` elements, from which its kernels are derived. */
export function derivable({ layer, inputShape, outputShape, row }: PlacedLayer, dtype: DType) {
  const { name, parameters = {}, constants = {} } = layer;
  const isPacked = row !== inputShape[3] || inputShape[0] !== 1 || inputShape[2] !== 1;
  const rowsOf = (shape: Shape) => elements(shape) / row;
  const reshape = (f: FunctionBuilder, x: Value, shape: readonly number[]) =>
    isPacked ? f.reshape({ x, shape }) : x;
  return {
    name,
    inputs: { x: rowsOf(inputShape) },
    parameters,
    constants: mapRecord(constants, ({ shape, elements: make }, constant) => {
      const path = `@model_path/weights/${name}_${constant}.bin`;
      return { path, type: tensor(dtype, shape), file: constantFile(dtype, make()) };
    }),
    forward: (f, inputs, w, tables) => {
      const y = layer.forward(f, {
        x: reshape(f, inputs.x, inputShape),
        w,
        constants: tables,
      });
      return { y: reshape(f, y, [1, rowsOf(outputShape), 1, row]) };
    },
  } satisfies DerivableLayer<"x", "y">;
}

function constantFile(dtype: DType, given: ArrayLike<number>): Uint8Array {
  const data = dtype === "fp16" ? toHalfArray(Array.from(given)) : Float32Array.from(given);
  return writeBlobFile([{ dtype, data }]);
}

export function mapRecord<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
