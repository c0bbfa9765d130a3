/**
 * Trains stories15m with fp16 kernels beside the committed curve of PyTorch in fp32 (tools/fixtures/quality_curves.py): the same
 * initial parameters, data order and recipe. Prints both per tenth of the updates, and fails where an update's loss differs by more
 * than `--limit` of its value. `node quality/stories15m.mjs [--pipeline static] [--numerics fp32] [--loss-scale dynamic] [--limit 0.01] [--json]`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { trainInProcess } from "@ane/trainer";
import { temporaryFolder } from "../lib/temporary-folder.mjs";

const { values: options } = parseArgs({
  options: {
    pipeline: { type: "string", default: "dynamic" },
    numerics: { type: "string", default: "fp16" },
    "loss-scale": { type: "string", default: "256" },
    limit: { type: "string", default: "0.01" },
    json: { type: "boolean", default: false },
  },
});
const lossScale = options["loss-scale"] === "dynamic" ? "dynamic" : Number(options["loss-scale"]);
const limit = Number(options.limit);

const curve = JSON.parse(readFileSync(new URL("stories15m-curve.json", import.meta.url), "utf8"));
const { accum } = curve.recipe;

const folder = temporaryFolder();
const model = join(folder, "model.json");
writeFileSync(model, JSON.stringify(curve.model));
const losses = [];
for await (const event of trainInProcess({
  ...curve.recipe,
  model,
  out: join(folder, "run"),
  device: "cpu",
  pipeline: options.pipeline,
  numerics: options.numerics,
  lossScale,
  compileBudget: 0,
  saveEvery: 0,
})) {
  if (event.type === "step") losses.push(event.loss);
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const ours = curve.losses.map((_, u) => mean(losses.slice(u * accum, (u + 1) * accum)));
const deviations = ours.map((loss, u) => Math.abs(loss - curve.losses[u]) / curve.losses[u]);
const largest = Math.max(...deviations);

if (options.json)
  console.log(JSON.stringify({ options, losses: ours, torch: curve.losses, largest }));
else {
  const PARTS = 10;
  const size = ours.length / PARTS;
  console.log(
    `updates       ${options.numerics} kernels   PyTorch fp32   largest difference of an update`,
  );
  for (let i = 0; i < PARTS; i++) {
    const part = (list) => list.slice(i * size, (i + 1) * size);
    const cells = [part(ours), part(curve.losses)].map((list) =>
      mean(list).toFixed(4).padStart(12),
    );
    const worst = (100 * Math.max(...part(deviations))).toFixed(3);
    console.log(
      `${`${i * size + 1} to ${(i + 1) * size}`.padEnd(12)} ${cells.join("   ")}   ${worst} %`,
    );
  }
  console.log(`largest: ${(100 * largest).toFixed(3)} %, limit ${100 * limit} %`);
}
if (largest > limit) process.exitCode = 1;
