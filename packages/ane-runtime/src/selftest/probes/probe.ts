/** What the probes have in common: contradictions of public reports that only the engine can settle, as cases. */
import {
  buildProgram,
  type FunctionBuilder,
  type FunctionOutputs,
  type Program,
} from "@ane/mil-builder";
import type { SelftestCase } from "../case.js";
import { checkProgram } from "../check-program.js";
import type { Workbench } from "../workbench.js";

export interface Probe {
  readonly number: number;
  readonly title: string;
  readonly cases: readonly SelftestCase[];
}

type Body = (f: FunctionBuilder) => FunctionOutputs;

/** A program in what this machine's compiler reads. */
export function probeProgram({ opset }: Pick<Workbench, "opset">, body: Body): Program {
  return buildProgram({ opset, version: opset === "ios18" ? "1.3" : "1.0" }, body);
}

/** A case that asks whether a program compiles, runs and gives what the reference gives. */
export function programCase(
  about: Omit<SelftestCase, "run">,
  body: Body,
  opset?: Workbench["opset"],
): SelftestCase {
  return {
    ...about,
    run: (bench) => {
      const program = probeProgram({ opset: opset ?? bench.opset }, body);
      return checkProgram(bench, { name: about.id, program });
    },
  };
}
