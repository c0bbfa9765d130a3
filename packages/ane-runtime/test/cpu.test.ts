/** The conformance suites on the cpu device, in both numerics. */
import { openDevice } from "../src/index.js";
import { contractCases } from "./conformance/contract.case.js";
import { elementwiseCases } from "./conformance/elementwise.case.js";
import { goldenCases } from "./conformance/golden.case.js";
import { kernelCases } from "./conformance/kernels.case.js";
import { productCases } from "./conformance/products.case.js";
import { randomProgramCases } from "./conformance/random-programs.case.js";
import { rowCases } from "./conformance/rows.case.js";
import { shapeCases } from "./conformance/shapes.case.js";
import type { Subject } from "./conformance/subject.js";

for (const numerics of ["fp16", "fp32"] as const) {
  const subject: Subject = {
    name: `cpu ${numerics}`,
    numerics,
    open: () => openDevice("cpu", { numerics, compileBudget: 0 }),
  };
  elementwiseCases(subject);
  rowCases(subject);
  shapeCases(subject);
  productCases(subject);
  kernelCases(subject);
  randomProgramCases(subject);
  contractCases(subject);
  if (numerics === "fp16") goldenCases(subject);
}
