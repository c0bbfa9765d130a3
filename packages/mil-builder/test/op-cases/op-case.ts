/** Op-level cases taken from coremltools' unit tests: their schema, and where they are found. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { DType, Opset } from "../../src/index.js";

export interface CaseType {
  readonly dtype: DType | "str";
  /** null where coremltools' shape was symbolic. */
  readonly shape: readonly (number | null)[];
  /** Which result of the op this is, if not all are listed. */
  readonly index?: number;
}

export interface CaseTensor extends CaseType {
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
  /** Present: the tensor was an input of the function and not a constant. */
  readonly type_shape?: readonly (number | null)[];
}

/** Expected values; their dtype is that in which the test's author computed. */
export type CaseValue = CaseTensor & { readonly out_dtype?: DType };

interface CaseBase {
  readonly id: number;
  readonly op: string;
  /** The function opsets under which coremltools gives this case. */
  readonly opsets: readonly Opset[];
  readonly expected: readonly (CaseValue | null)[];
  readonly rtol: number;
  readonly atol: number;
}

/** One op, its arguments by name. */
export interface SingleOpCase extends CaseBase {
  readonly single_op: true;
  readonly inputs: Readonly<Record<string, CaseTensor | readonly CaseTensor[] | null>>;
  readonly outputs: readonly CaseType[];
}

export type CaseArgument =
  | { readonly ref: string }
  | { readonly const: CaseTensor }
  | readonly CaseArgument[];

export type NamedCaseType = CaseType & { readonly name: string };

export interface CaseOperation {
  readonly type: string;
  readonly inputs: Readonly<Record<string, CaseArgument>>;
  readonly outputs: readonly NamedCaseType[];
  readonly blocks?: readonly CaseBlock[];
}

export interface CaseBlock {
  readonly inputs: readonly NamedCaseType[];
  readonly ops: readonly CaseOperation[];
  readonly outputs: readonly string[];
}

/** Several ops. */
export interface ProgramCase extends CaseBase {
  readonly single_op: false;
  readonly program: {
    readonly inputs: Readonly<Record<string, CaseTensor>>;
    readonly ops: readonly CaseOperation[];
    readonly outputs: readonly string[];
  };
}

export type OpCase = SingleOpCase | ProgramCase;

/** An element as a number: what JSON lacks is spelled nan, inf and -inf. */
export function caseNumber(element: number | string | boolean): number {
  return typeof element === "string" ? Number(element.replace("inf", "Infinity")) : Number(element);
}

/** The cases of a `coremltools-op-cases.json.gz`. */
export function readOpCases(path: string): readonly OpCase[] {
  return JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")).cases;
}
