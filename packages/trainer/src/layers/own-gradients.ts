/** What the rules of a layer's own come to: part of what the layer computes, as a run goes on with the same gradients only. */
import { type Program, print, type Value } from "@ane/mil-builder";
import { type JointGraph, jointGraph } from "@ane/mil-builder/autodiff";
import { messageOf } from "../input-files.js";
import type { LayerDefinition } from "./define-layer.js";
import { DefinitionError } from "./definition-error.js";

/**
 * Forward pass and gradients as text; nothing for a layer without rules, whose gradients follow from its forward pass.
 * @param program The layer's, of x and y.
 * @param gradients Of what they are wanted besides the parameters.
 * @throws DefinitionError naming the layer, and the rule or op that is wrong
 */
export function ownGradients(
  where: string,
  { rules, parameters = {} }: LayerDefinition,
  program: Program,
  gradients: readonly string[],
): string {
  if (rules === undefined) return "";
  const { forward, gradientOf, finish } = derived(where, () =>
    // Names of parameters begin with letters.
    jointGraph(program, {
      seeds: { y: "_dy" },
      wrt: [...gradients, ...Object.keys(parameters)],
      rules,
    }),
  );
  const names = [...gradientOf].map(([of, { name }]) => `${of}: ${name}`);
  return `${names.join()}\n${print(finish(forward.outputs as readonly Value[]))}`;
}

function derived(where: string, derive: () => JointGraph): JointGraph {
  try {
    return derive();
  } catch (cause) {
    throw new DefinitionError(where, messageOf(cause), { cause });
  }
}
