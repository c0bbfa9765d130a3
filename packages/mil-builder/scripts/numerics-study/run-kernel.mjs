// Evaluates a kernel on slots [channels, S] and model matrices [out, in], all Float64Array.
import { interpret, toHalfArray, writeBlobFile } from "@ane/mil-builder";

/** Results by slot. Weights go into the files of the kernel's dtype. */
export function runKernel(kernel, slots, weights, numerics) {
  const { type } = kernel.program.functions[0].inputs[0];
  const S = type.shape[3];
  const x = { type, data: new Float64Array(type.shape[1] * S) };
  for (const [name, { start }] of Object.entries(kernel.inputs)) x.data.set(slots[name], start * S);
  const files = new Map(kernel.constants);
  for (const [name, { path, shape, transposed }] of Object.entries(kernel.weights)) {
    const [rows, columns] = shape;
    const matrix = transposed ? transpose(weights[name], columns, rows) : weights[name];
    const { dtype } = type;
    const data = dtype === "fp16" ? toHalfArray(matrix) : Float32Array.from(matrix);
    files.set(path, writeBlobFile([{ dtype, data }]));
  }
  const { out } = interpret(kernel.program, { x }, { weights: files, numerics });
  return Object.fromEntries(
    Object.entries(kernel.outputs).map(([name, { start, size }]) => [
      name,
      out.data.slice(start * S, (start + size) * S),
    ]),
  );
}

function transpose(matrix, rows, columns) {
  return Float64Array.from(
    matrix,
    (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)],
  );
}
