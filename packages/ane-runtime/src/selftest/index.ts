/** Questions to the machine that a self-test asks: the kernels of a model, and what public reports contradict each other about. */
export { type EngineReport, engineReport } from "../ane/engine-report.js";
export type { CaseResult, SelftestCase, TensorComparison } from "./case.js";
export { type CheckedProgram, checkProgram } from "./check-program.js";
export type { PortValues } from "./evaluate-once.js";
export { freshProgram } from "./fresh-program.js";
export { kernelCases, type ModelKernels } from "./kernel-cases.js";
export type { Probe } from "./probes/probe.js";
export { PROBES } from "./probes.js";
export { type CaseRecord, changeOf, type RuleVerdict, ruleVerdicts } from "./rule-verdicts.js";
export { type Spread, spreadOf, timeRuns } from "./timing.js";
export { openWorkbench, type Workbench } from "./workbench.js";
