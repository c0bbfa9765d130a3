/** The forward pass of a layer as a program: an input per activation, constants or inputs for the parameters. */
import { buildProgram } from "../../builder.js";
import { weightPath } from "../../kernels/constant-blob.js";
import { keysOf } from "../../kernels/slots.js";
import { hasOpset } from "../../opset.js";
import type { Opset, Program } from "../../program.js";
import { tensor } from "../../tensor-type.js";
import { DeriveError } from "./derive-error.js";
import { expectNames } from "./expect-names.js";
import { expectOutputs } from "./expect-options.js";
import type { DeriveOptions, LayerDefinition } from "./types.js";

/** A row fills whole 64-byte lines in fp16. */
const ROW_ELEMENTS = 32;

export type Pipeline = DeriveOptions["pipeline"];

/** The shape that a parameter has as a MIL value. */
export function parameterType(shape: readonly number[], pipeline: Pipeline): readonly number[] {
  const [out, input] = shape as [number, number];
  if (shape.length === 1) return [1, out, 1, 1];
  if (shape.length !== 2) return shape;
  return pipeline === "static" ? [out, input, 1, 1] : [1, 1, out, input];
}

/** @throws DeriveError, and whatever the layer's own code throws */
export function forwardProgram(layer: LayerDefinition, options: DeriveOptions): Program {
  const { seqLen: S, pipeline, dtype = "fp16" } = options;
  const opset = options.opset ?? opsetOf(options.chip);
  expectRows(layer.name, S);
  const { constants = {} } = layer;
  const version = hasOpset(opset, "ios18") ? "1.3" : "1.0";
  return buildProgram({ opset, version }, (f) => {
    const inputs = keysOf(layer.inputs).map((name) => {
      return [name, f.input(name, tensor(dtype, [1, layer.inputs[name]!, 1, S]))];
    });
    const parameters = keysOf(layer.parameters).map((name) => {
      const { shape } = layer.parameters[name]!;
      const type = tensor(dtype, parameterType(shape, pipeline));
      if (pipeline === "static") return [name, f.blob(name, type, weightPath(name))];
      if (shape.length <= 2) return [name, f.input(name, type)];
      throw new DeriveError(
        "layer",
        `${layer.name}: parameters of the dynamic pipeline are vectors and matrices, got "${name}" of [${shape}]. Make it several matrices, or use the static pipeline.`,
      );
    });
    const tables = keysOf(constants).map((name) => {
      const { path, type } = constants[name]!;
      return [name, f.blob(name, type, path)];
    });
    const outputs = layer.forward(
      f,
      Object.fromEntries(inputs),
      Object.fromEntries(parameters),
      Object.fromEntries(tables),
    );
    expectOutputs(layer.name, outputs);
    expectNames(layer, options, Object.keys(outputs));
    for (const [name, { type }] of Object.entries(outputs)) {
      if (type.shape.at(-1) === S) continue;
      throw new DeriveError(
        "layer",
        `${layer.name}: outputs are rows of ${S} elements, got "${name}" of [${type.shape}]. Give it the shape [1, C, 1, ${S}].`,
      );
    }
    return outputs;
  });
}

/** The first chips read nothing newer. */
function opsetOf(chip: DeriveOptions["chip"]): Opset {
  return chip === "m1" || chip === "m2" ? "ios16" : "ios18";
}

function expectRows(name: string, S: number): void {
  if (Number.isSafeInteger(S) && S > 0 && S % ROW_ELEMENTS === 0) return;
  throw new DeriveError(
    "layer",
    `${name}: seqLen is a multiple of ${ROW_ELEMENTS}, got ${S}. Use ${Math.max(1, Math.ceil(S / ROW_ELEMENTS)) * ROW_ELEMENTS}: an fp16 row of a surface fills whole 64-byte lines.`,
  );
}
