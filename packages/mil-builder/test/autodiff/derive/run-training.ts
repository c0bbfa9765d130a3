/** Runs the kernels of a derived layer on the interpreter, one after the other as a trainer does, and adds up what follows from them. */
import type { Place, TrainingKernels } from "../../../src/autodiff/index.js";
import {
  encodeBlob,
  interpret,
  type Numerics,
  type Slot,
  type Tensor,
  tensorTypeOf,
  writeBlobFile,
} from "../../../src/index.js";

type Arrays = Readonly<Record<string, Float64Array>>;

export interface LayerRun {
  readonly outputs: Arrays;
  readonly gradients: Arrays;
  readonly parameterGradients: Arrays;
}

export interface LayerValues {
  readonly inputs: Arrays;
  /** Row-major, in the shapes of the definition. */
  readonly parameters: Arrays;
  /** Gradients of the outputs. */
  readonly seeds: Arrays;
}

type Kernel = TrainingKernels["forward"];
type Surfaces = Record<string, Tensor>;

/** What the layer computes of its inputs, without gradients. */
export function runForward(
  layer: TrainingKernels,
  { inputs, parameters }: Omit<LayerValues, "seeds">,
  numerics: Numerics = "float64",
): Arrays {
  const { forward } = layer;
  const surfaces = emptyInputs(forward);
  for (const [name, { slot }] of Object.entries(layer.inputs)) {
    write(surfaces, forward.inputs[slot]!, inputs[name]!);
  }
  const results = evaluate(forward, surfaces, parameters, numerics);
  return mapValues(layer.outputs, ({ slot }) => read(results, forward.outputs[slot]!));
}

export function runTraining(
  layer: TrainingKernels,
  { inputs, parameters, seeds }: LayerValues,
  numerics: Numerics = "float64",
): LayerRun {
  const { forward, backward } = layer;
  const isShared = Object.keys(forward.staged).length > 0;
  const forwardIn = emptyInputs(forward);
  const backwardIn = backward.map((kernel) => (isShared ? forwardIn : emptyInputs(kernel)));
  const results: Surfaces[] = [];
  let forwardOut: Surfaces = {};
  const kernelAt = (place: Place) =>
    place.kernel === "forward" ? forward : backward[place.kernel]!;
  const slotAt = (place: Place) => kernelAt(place)[`${place.side}s`][place.slot]!;
  const surfacesAt = ({ kernel, side }: Place) => {
    if (kernel === "forward") return side === "input" ? forwardIn : forwardOut;
    return side === "input" ? backwardIn[kernel]! : results[kernel]!;
  };
  const at = (place: Place) => read(surfacesAt(place), slotAt(place));

  for (const [name, place] of Object.entries(layer.inputs)) {
    write(forwardIn, slotAt(place), inputs[name]!);
  }
  forwardOut = evaluate(forward, forwardIn, parameters, numerics);
  backward.forEach((kernel, index) => {
    for (const [name, places] of Object.entries(layer.seeds)) {
      for (const place of places.filter((place) => place.kernel === index)) {
        write(backwardIn[index]!, slotAt(place), seeds[name]!);
      }
    }
    for (const { from, to } of layer.transfers.filter((transfer) => transfer.to.kernel === index)) {
      write(backwardIn[index]!, slotAt(to), at(from));
    }
    results.push(evaluate(kernel, backwardIn[index]!, parameters, numerics));
  });

  const parameterGradients: Record<string, Float64Array> = {};
  for (const gradient of layer.weightGradients) {
    const { parameter } = gradient;
    const sum = parameterGradients[parameter] ?? new Float64Array(parameters[parameter]!.length);
    parameterGradients[parameter] = sum;
    if (gradient.kind === "product") {
      const [dy, x] = [slotAt(gradient.dy), slotAt(gradient.x)];
      addProduct(sum, at(gradient.dy), at(gradient.x), [dy.size, x.size, dy.shape[3]]);
    } else {
      const values = at(gradient.of);
      const S = gradient.kind === "rowSums" ? slotAt(gradient.of).shape[3] : 1;
      for (let i = 0; i < sum.length * S; i++) sum[Math.floor(i / S)]! += values[i]!;
    }
  }
  return {
    outputs: mapValues(layer.outputs, at),
    gradients: mapValues(layer.gradients, at),
    parameterGradients,
  };
}

/** dW[out, in] += dy[out, S] · x[in, S]ᵀ */
function addProduct(
  dW: Float64Array,
  dy: Float64Array,
  x: Float64Array,
  [out, input, S]: readonly [number, number, number],
): void {
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < input; i++) {
      for (let s = 0; s < S; s++) dW[o * input + i]! += dy[o * S + s]! * x[i * S + s]!;
    }
  }
}

/** Of NaN: what a kernel reads without having been given it shows. */
function emptyInputs({ program }: Kernel): Surfaces {
  const ports = program.functions[0]!.inputs.map((value): [string, Tensor] => {
    const type = tensorTypeOf(value);
    const count = type.shape.reduce((a, b) => a * b, 1);
    return [value.name, { type, data: new Float64Array(count).fill(Number.NaN) }];
  });
  return Object.fromEntries(ports);
}

function evaluate(
  kernel: Kernel,
  inputs: Surfaces,
  parameters: Arrays,
  numerics: Numerics,
): Surfaces {
  for (const [name, { slot, transposed }] of Object.entries(kernel.staged)) {
    const [, rows, , columns] = slot.shape;
    write(inputs, slot, transposed ? turn(parameters[name]!, columns, rows) : parameters[name]!);
  }
  const weights = new Map(kernel.constants);
  const dtype = tensorTypeOf(kernel.program.functions[0]!.inputs[0]!).dtype;
  for (const { path, parameter, shape, transposed } of Object.values(kernel.weights)) {
    const [rows, columns] = shape as [number, number];
    const values = parameters[parameter]!;
    const matrix = transposed ? turn(values, columns, rows) : values;
    weights.set(path, writeBlobFile([encodeBlob(dtype, matrix)]));
  }
  return interpret(kernel.program, inputs, { weights, numerics }) as Surfaces;
}

function write(surfaces: Surfaces, slot: Slot, values: Float64Array): void {
  const { data, type } = surfaces[slot.port]!;
  const [width, columns] = [type.shape[3]!, slot.shape[3]];
  for (let row = 0; row < slot.size; row++) {
    const line = values.subarray(row * columns, (row + 1) * columns);
    data.set(line, (slot.start + row) * width + (slot.column ?? 0));
  }
}

function read(surfaces: Surfaces, slot: Slot): Float64Array {
  const { data, type } = surfaces[slot.port]!;
  const [width, columns] = [type.shape[3]!, slot.shape[3]];
  const values = new Float64Array(slot.size * columns);
  for (let row = 0; row < slot.size; row++) {
    const start = (slot.start + row) * width + (slot.column ?? 0);
    values.set(data.subarray(start, start + columns), row * columns);
  }
  return values;
}

/** The transpose of a matrix of so many rows and columns. */
function turn(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return result;
}

function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
