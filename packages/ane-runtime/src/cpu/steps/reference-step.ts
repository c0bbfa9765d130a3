/** An op that the interpreter of the op table evaluates, in float64 with one rounding of the result. */
import { interpret, type Program, staticTypeOf, type TensorSource } from "@ane/mil-builder";
import { gather, scatter } from "../elements.js";
import type { Placement, ScriptStep } from "../plan.js";
import { elementCount } from "../shape.js";

/**
 * @param program of the one op; its inputs lie at `reads`, its outputs at `writes`
 */
export function referenceStep(
  program: Program,
  numerics: "fp16" | "fp32",
  reads: readonly Placement[],
  writes: readonly Placement[],
): ScriptStep {
  const { inputs, outputs, operations } = program.functions[0]!;
  return {
    kind: "reference",
    label: outputs.map(({ name }) => name).join(", "),
    reads,
    writes,
    flops: outputs.reduce((sum, output) => sum + elementCount(staticTypeOf(output).shape), 0),
    detail: operations.at(-1)!.type,
    run: ({ memory, weights }) => {
      const sources = inputs.map((input, index): [string, TensorSource] => {
        const { buffer, layout } = reads[index]!;
        return [input.name, { type: staticTypeOf(input), data: gather(memory[buffer]!, layout) }];
      });
      const results = interpret(program, Object.fromEntries(sources), { weights, numerics });
      outputs.forEach(({ name }, index) => {
        const { buffer, layout } = writes[index]!;
        scatter(results[name]!.data, memory[buffer]!, layout);
      });
    },
  };
}
