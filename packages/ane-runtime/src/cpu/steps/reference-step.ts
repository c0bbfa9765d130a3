/** An op that the interpreter of the op table evaluates, in float64 with one rounding of the result. */
import { interpret, type Program, staticTypeOf, type TensorSource } from "@ane/mil-builder";
import { gather, scatter } from "../elements.js";
import type { Placement, Step, Workspace } from "../plan.js";
import { elementCount } from "../shape.js";

export class ReferenceStep implements Step {
  readonly kind = "reference";
  readonly label: string;
  readonly reads: readonly Placement[];
  readonly writes: readonly Placement[];
  readonly flops: number;
  readonly detail: string;
  readonly #program: Program;
  readonly #numerics: "fp16" | "fp32";

  /**
   * @param program of the one op; its inputs lie at `reads`, its outputs at `writes`
   */
  constructor(
    program: Program,
    numerics: "fp16" | "fp32",
    reads: readonly Placement[],
    writes: readonly Placement[],
  ) {
    const { outputs, operations } = program.functions[0]!;
    this.label = outputs.map(({ name }) => name).join(", ");
    this.reads = reads;
    this.writes = writes;
    this.flops = outputs.reduce((sum, output) => sum + elementCount(staticTypeOf(output).shape), 0);
    this.detail = operations.at(-1)!.type;
    this.#program = program;
    this.#numerics = numerics;
  }

  run({ memory, weights }: Workspace): void {
    const { inputs, outputs } = this.#program.functions[0]!;
    const sources = inputs.map((input, index): [string, TensorSource] => {
      const { buffer, layout } = this.reads[index]!;
      return [input.name, { type: staticTypeOf(input), data: gather(memory[buffer]!, layout) }];
    });
    const results = interpret(this.#program, Object.fromEntries(sources), {
      weights,
      numerics: this.#numerics,
    });
    outputs.forEach(({ name }, index) => {
      const { buffer, layout } = this.writes[index]!;
      scatter(results[name]!.data, memory[buffer]!, layout);
    });
  }
}
