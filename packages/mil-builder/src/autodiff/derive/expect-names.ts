/** That the names of a layer's tensors stay apart from each other, and from those that its gradients get. */
import { weightPath } from "../../kernels/constant-blob.js";
import { DeriveError } from "./derive-error.js";
import { gradientName, gradientRowsName, seedName } from "./gradient-names.js";
import type { DeriveOptions, LayerDefinition } from "./types.js";

/** @param outputs Their names. @throws DeriveError */
export function expectNames(
  layer: LayerDefinition,
  options: DeriveOptions,
  outputs: readonly string[],
): void {
  const { inputs, parameters, constants = {} } = layer;
  const [ofInputs, ofParameters] = [Object.keys(inputs), Object.keys(parameters)];
  const differentiated = [...ofInputs, ...ofParameters, ...(options.gradients ?? [])];
  const taken = new Map<string, string>([
    ...outputs.map((name) => [seedName(name), `the gradient of output "${name}"`] as const),
    ...ofParameters.map((name) => [gradientRowsName(name), `the gradient of "${name}"`] as const),
    ...differentiated.map((name) => [gradientName(name), `the gradient of "${name}"`] as const),
  ]);
  for (const [kind, names] of Object.entries({
    input: ofInputs.filter((name) => !outputs.includes(name)),
    output: outputs,
    parameter: ofParameters,
    constant: Object.keys(constants),
  })) {
    for (const name of names) {
      const other = taken.get(name);
      if (other !== undefined) throw twice(layer.name, `${kind} "${name}", which is ${other}`);
      taken.set(name, `the name of the ${kind}`);
    }
  }
  const paths = new Set(ofParameters.map(weightPath));
  for (const [name, { path }] of Object.entries(constants)) {
    if (paths.has(path))
      throw twice(layer.name, `constant "${name}" in a parameter's file ${path}`);
  }
  const { frozen = [], save = [], recompute = [] } = options;
  const unknown = frozen.find((name) => !ofParameters.includes(name));
  if (unknown !== undefined) {
    throw new DeriveError(
      "layer",
      `${layer.name}: "frozen" names parameters, which are ${ofParameters.join(", ")}, got "${unknown}". Correct it.`,
    );
  }
  const both = save.find((name) => recompute.includes(name));
  if (both !== undefined) {
    throw new DeriveError(
      "layer",
      `${layer.name}: a value is saved or computed again, got "${both}" in both "save" and "recompute". Leave it out of one.`,
    );
  }
}

function twice(layer: string, what: string): DeriveError {
  return new DeriveError(
    "layer",
    `${layer}: inputs, outputs, parameters and constants have names of their own, got ${what}. Rename it.`,
  );
}
