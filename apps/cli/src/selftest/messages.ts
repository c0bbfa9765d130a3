/** What a self-test and the processes of its cases tell each other. */
import type { CaseResult, ModelKernels } from "@ane/ane-runtime/selftest";
import type { Machine } from "./machine.js";

export interface CaseRequest {
  readonly device: "ane" | "cpu";
  /** null: describe the machine. */
  readonly caseId: string | null;
  readonly model: ModelKernels;
}

export type CaseMessage =
  | { readonly type: "progress"; readonly where: string }
  | { readonly type: "result"; readonly result: CaseResult }
  | { readonly type: "machine"; readonly machine: Machine }
  | { readonly type: "failed"; readonly name: string; readonly message: string };
