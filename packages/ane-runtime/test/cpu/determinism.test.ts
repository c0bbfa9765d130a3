/** The results of the kernels are the same bits for every number of threads. */
import { cpuInfo, setThreads } from "@ane/accel-ops";
import { type Kernel, llamaKernels } from "@ane/mil-builder";
import { afterAll, expect, it } from "vitest";
import { openDevice } from "../../src/index.js";
import { GROUPED, randomWeights } from "../support/llama.js";
import { evaluate, randomInputs } from "../support/run.js";

const { threads } = cpuInfo();
afterAll(() => {
  setThreads(threads);
});

const config = { ...GROUPED, dim: 192, hiddenDim: 320, seqLen: 64 };

for (const [name, kernel] of Object.entries<Kernel>({ ...llamaKernels(config) })) {
  it(`${name} does not depend on the number of threads`, () => {
    using device = openDevice("cpu", { compileBudget: 0 });
    const compiled = device.compile(kernel.program, randomWeights(kernel, "fp16", 5));
    const inputs = randomInputs(kernel.program, 4);
    const results = [1, 2, 3, 5].map((count) => {
      setThreads(count);
      return evaluate(device, compiled, inputs);
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });
}
