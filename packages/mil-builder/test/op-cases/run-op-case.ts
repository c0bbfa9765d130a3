/** Runs one case in every opset that it names and compares with what its author expected. */
import { roundToDType } from "../../src/float-format.js";
import { type DType, interpret, opDefinition, type Tensor } from "../../src/index.js";
import { formatShape } from "../../src/tensor-type.js";
import { caseProgram } from "./case-program.js";
import { type CaseOperation, type CaseValue, caseNumber, type OpCase } from "./op-case.js";

export type Outcome =
  | { readonly status: "passed" }
  | { readonly status: "skipped"; readonly reason: string }
  | { readonly status: "failed"; readonly reason: string };

const ALONE = "normalizes each element alone, where torch and the other cases sum over channels";
const OUTSIDE = "indices point outside, and what is expected is that of other indices";
const BEYOND = "a box outside the image, where others read pad_value";
const TYPO = "7.899 is written where 7.9 follows from the other elements";

/** Cases that contradict others of their op or its rules, by id. */
const CONTRADICTIONS: Readonly<Record<number, string>> = {
  591: BEYOND,
  592: TYPO,
  595: BEYOND,
  596: TYPO,
  597: TYPO,
  599: TYPO,
  690: "the result has no known rank, which a type cannot say",
  1435: ALONE,
  1438: ALONE,
  2220: OUTSIDE,
  2221: OUTSIDE,
  2222: OUTSIDE,
  2230: OUTSIDE,
  2269: OUTSIDE,
};

export function runOpCase(opCase: OpCase): Outcome {
  const contradiction = CONTRADICTIONS[opCase.id];
  if (contradiction !== undefined) return skipped(contradiction);
  try {
    for (const opset of opCase.opsets) {
      for (const shapes of ["static", "declared"] as const) {
        const missing = typesOf(opCase).find((type) => opDefinition(type) === undefined);
        if (missing !== undefined) return skipped(`${missing} is not in the table`);
        const { program, sources, results } = caseProgram(opCase, opset, shapes);
        const refused = typesOf(opCase).map((type) => opDefinition(type, opset)?.refused);
        const reason = refused.find((text) => text !== undefined);
        // Types were checked while the program was made.
        if (reason !== undefined) return skipped(reason);
        const values = interpret(program, sources, { numerics: "fp16", keep: "all" });
        opCase.expected.forEach((wanted, index) => {
          if (wanted !== null) compare(values[results[index]!]!, wanted, opCase);
        });
      }
    }
    return { status: "passed" };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { status: "failed", reason: `case ${opCase.id}: ${error.message}` };
  }
}

function skipped(reason: string): Outcome {
  return { status: "skipped", reason };
}

/** All op types of a case. */
function typesOf(opCase: OpCase): readonly string[] {
  const nested = ({ type, blocks }: CaseOperation): readonly string[] => [
    type,
    ...(blocks ?? []).flatMap(({ ops }) => ops.flatMap(nested)),
  ];
  return opCase.single_op ? [opCase.op] : opCase.program.ops.flatMap(nested);
}

/** Spacing of a float dtype's values in 1..2; 0 for dtypes that are exact. */
const SPACING: Partial<Record<DType, number>> = { fp16: 2 ** -10, fp32: 2 ** -23 };

/**
 * Integers and booleans must be equal. Floats may differ by the author's tolerance and by one rounding of the largest element
 * to the narrowest float dtype of the case: authors computed before inputs were rounded to it, or rounded at other places.
 */
function compare({ type, data }: Tensor, wanted: CaseValue, opCase: OpCase): void {
  if (formatShape(type.shape) !== formatShape(wanted.shape)) {
    throw new Error(`shape ${formatShape(wanted.shape)}, got ${formatShape(type.shape)}`);
  }
  const isHalf = JSON.stringify(opCase).includes(`"dtype":"fp16"`);
  const spacing = SPACING[type.dtype] === undefined ? 0 : SPACING[isHalf ? "fp16" : "fp32"]!;
  const numbers = wanted.data.map((value) => roundToDType(caseNumber(value), type.dtype));
  const largest = numbers.reduce(
    (max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max),
    0,
  );
  numbers.forEach((target, i) => {
    const value = data[i]!;
    if (value === target || (Number.isNaN(value) && Number.isNaN(target))) return;
    const authors = spacing === 0 ? 0 : opCase.atol + opCase.rtol * Math.abs(target);
    const tolerance = authors + spacing * largest;
    if (!(Math.abs(value - target) <= tolerance)) {
      throw new Error(`element ${i} is ${target} ± ${tolerance.toPrecision(2)}, got ${value}`);
    }
  });
}
