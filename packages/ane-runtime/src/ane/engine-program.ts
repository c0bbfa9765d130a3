/** A program as the engine's compiler takes it: checked, as text in the chip's dialect, with the weight files that it refers to. */
import {
  type Argument,
  type BlobReference,
  type MilFunction,
  type Program,
  print,
} from "@ane/mil-builder";
import { checkProgram, entryFunction, parseSource, portsOf } from "../cpu/source.js";
import { resolveBlob } from "../cpu/weights.js";
import type { EngineInfo, Port, WeightFiles } from "../device.js";
import { CompileError } from "../errors.js";

export interface EngineProgram {
  readonly program: Program;
  readonly text: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly weights: readonly (readonly [path: string, bytes: Uint8Array])[];
}

const MODEL_PATH = "@model_path/";

/** @throws CompileError for what no engine could run, before the framework is asked */
export function engineProgram(
  kernel: string,
  source: Program | string,
  files: WeightFiles,
  { generation }: EngineInfo,
): EngineProgram {
  const program = typeof source === "string" ? parseSource(kernel, source) : source;
  checkProgram(kernel, program);
  const main = entryFunction(kernel, program);
  const paths = new Set<string>();
  for (const [value, reference] of program.functions.flatMap(blobsOf)) {
    if (!reference.path.startsWith(MODEL_PATH)) {
      throw new CompileError(
        kernel,
        `const "${value}": a weight's path must start with "${MODEL_PATH}", got "${reference.path}". Rename it.`,
      );
    }
    resolveBlob(kernel, value, reference, files);
    paths.add(reference.path);
  }
  // The compilers of the first chips read verbose literals only (maderix/ANE PR #6).
  const isFirst = generation === "m1" || generation === "m2";
  const text =
    typeof source === "string" ? source : print(program, isFirst ? { dialect: "1.0" } : {});
  return {
    program,
    text,
    ...portsOf(kernel, main),
    weights: [...paths].map((path) => [path, files.get(path)!] as const),
  };
}

/** The constants of a function that lie in weight files, with the name of the value they belong to. */
function blobsOf({ operations }: MilFunction): (readonly [string, BlobReference])[] {
  return operations.flatMap(({ outputs, inputs, attributes }) => {
    const given: Argument[] = [...Object.values(inputs), ...Object.values(attributes)];
    return given.flatMap(referencesIn).map((blob) => [outputs[0]?.name ?? "", blob] as const);
  });
}

function referencesIn(argument: Argument): BlobReference[] {
  if (argument.kind === "blob") return [argument];
  return argument.kind === "tuple" ? argument.items.flatMap(referencesIn) : [];
}
