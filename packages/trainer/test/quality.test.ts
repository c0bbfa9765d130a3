/**
 * The loss curve of fp16 kernels beside that of PyTorch in fp32: same initial parameters, data order and recipe, both computed a
 * second time by tools/fixtures/quality_curves.py. benchmarks/quality/stories15m.mjs does the same with a real model.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { trainInProcess } from "../src/index.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { collect, ofType } from "./support/tiny-run.js";

const fixture = JSON.parse(
  readFileSync(new URL("fixtures/small-curve.json", import.meta.url), "utf8"),
);
const { recipe, losses: expected } = fixture as {
  recipe: { accum: number; steps: number };
  losses: number[];
};

/** Largest relative deviation of an update's mean loss from PyTorch's. */
async function deviation(options: Parameters<typeof trainInProcess>[0]): Promise<number> {
  const folder = temporaryFolder();
  const model = join(folder, "small.json");
  writeFileSync(model, JSON.stringify(fixture.model));
  const events = await collect(
    trainInProcess({
      model,
      out: join(folder, "run"),
      device: "cpu",
      saveEvery: 0,
      compileBudget: 0,
      ...recipe,
      ...options,
    }),
  );
  const losses = ofType(events, "step").map(({ loss }) => loss);
  const errors = expected.map((wanted, update) => {
    const own = losses.slice(update * recipe.accum, (update + 1) * recipe.accum);
    const mean = own.reduce((sum, loss) => sum + loss, 0) / recipe.accum;
    return Math.abs(mean - wanted) / wanted;
  });
  return Math.max(...errors);
}

it.each([
  [{ pipeline: "dynamic" }, 0.001],
  [{ pipeline: "static" }, 0.001],
  [{ pipeline: "dynamic", lossScale: "dynamic" }, 0.001],
  [{ pipeline: "dynamic", numerics: "fp32" }, 0.0001],
] as const)("60 updates with %o are within a share of %d of PyTorch's", async (options, limit) => {
  expect(await deviation(options)).toBeLessThan(limit);
});
