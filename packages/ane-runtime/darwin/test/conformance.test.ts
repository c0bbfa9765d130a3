/** What every device promises, kept by the ane device: the same cases as for the cpu device. */
import { openDevice } from "../../src/index.js";
import { contractCases } from "../../test/conformance/contract.case.js";
import { elementwiseCases } from "../../test/conformance/elementwise.case.js";
import { goldenCases } from "../../test/conformance/golden.case.js";
import { kernelCases } from "../../test/conformance/kernels.case.js";
import { productCases } from "../../test/conformance/products.case.js";
import { randomProgramCases } from "../../test/conformance/random-programs.case.js";
import { rowCases } from "../../test/conformance/rows.case.js";
import { shapeCases } from "../../test/conformance/shapes.case.js";
import type { Subject } from "../../test/conformance/subject.js";
import { set } from "./support/fake.js";

const subject: Subject = {
  name: "ane",
  numerics: "fp16",
  open: () => {
    set("compileBudget", 0);
    return openDevice("ane", { compileBudget: 0 });
  },
};
elementwiseCases(subject);
rowCases(subject);
shapeCases(subject);
productCases(subject);
kernelCases(subject);
randomProgramCases(subject);
contractCases(subject);
goldenCases(subject);
