import { randomProgramCases } from "./conformance/random-programs.case.js";
import { openDevice } from "../src/index.js";
for (const numerics of ["fp16", "fp32"] as const) randomProgramCases({ name: numerics, numerics, open: () => openDevice("cpu", { numerics, compileBudget: 0 }) }, 4000);
