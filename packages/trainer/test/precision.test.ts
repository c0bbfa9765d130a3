/** bf16 factors in weight gradients and classifier: where the processor has none a refusal, elsewhere nearly the same losses. */
import { existsSync } from "node:fs";
import { cpuInfo } from "@ane/accel-ops";
import { describe, expect, it } from "vitest";
import { OptionError, trainInProcess } from "../src/index.js";
import { collect, losses, tinyRun } from "./support/tiny-run.js";

const hasBf16 = cpuInfo().features.includes("bf16");
const settings = { steps: 12, accum: 2 } as const;

it.skipIf(hasBf16)(
  `is refused before anything is written${hasBf16 ? ": this processor has bf16 products" : ""}`,
  async () => {
    const { options } = tinyRun({ ...settings, precision: "bf16" });
    const run = collect(trainInProcess(options));
    await expect(run).rejects.toThrow(OptionError);
    await expect(run).rejects.toThrow(/^precision: must be fp32 on a processor without bf16/);
    expect(existsSync(options.out)).toBe(false);
  },
);

describe.skipIf(!hasBf16)(`bf16${hasBf16 ? "" : ": this processor has no bf16 products"}`, () => {
  it.each(["static", "dynamic"] as const)(
    "changes the losses of the %s pipeline a little, the same way each time",
    async (pipeline) => {
      const run = async (precision: "fp32" | "bf16") =>
        losses(
          await collect(trainInProcess(tinyRun({ ...settings, pipeline, precision }).options)),
        );
      const [single, half, again] = [await run("fp32"), await run("bf16"), await run("bf16")];
      expect(half).toEqual(again);
      expect(half).not.toEqual(single);
      for (const [i, [, loss]] of single.entries()) {
        expect(Math.abs(half[i]![1] - loss) / loss).toBeLessThan(0.01);
      }
    },
  );

  it("is part of the recipe: a resumed run keeps it", async () => {
    const { options } = tinyRun({ ...settings, steps: 4, precision: "bf16" });
    await collect(trainInProcess(options));
    const change = trainInProcess({ resume: options.out, steps: 6, precision: "fp32" });
    await expect(collect(change)).rejects.toThrow(/^precision: a resumed run keeps bf16, got fp32/);
  });
});
