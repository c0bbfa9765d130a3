/**
 * What the choices that are not exact do to the loss of a small model: bf16 products, a compact vocabulary, AdamW on the device in
 * pairs of halves and in single ones, beside the plain run and one with another seed, which shows how much two equally good runs
 * differ. Same data order and initial parameters, but for that last one. `node loss-curves.mjs [--updates N] [--only NAME]... [--json]`
 *
 * A row is the mean training loss of a tenth of the updates, in which ids that a compact vocabulary lacks have logits of 0; the
 * last one is the held-out loss, with the logits of all ids.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cpuInfo } from "@ane/accel-ops";
import { trainInProcess } from "@ane/trainer";
import { temporaryFolder } from "./lib/temporary-folder.mjs";

const { values: options } = parseArgs({
  options: {
    updates: { type: "string", default: "200" },
    only: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
  },
});
const updates = Number(options.updates);

/** 3.6 million parameters, 3.1 of them in the table. */
const model = {
  name: "small",
  dim: 96,
  hiddenDim: 256,
  layers: 5,
  heads: 6,
  kvHeads: 6,
  headDim: 16,
  vocabSize: 32000,
  seqLen: 128,
  normEps: 1e-5,
  ropeTheta: 10000,
  tiedEmbeddings: true,
  qkNorm: false,
  logitSoftcap: 0,
};
const recipe = { device: "cpu", steps: 2 * updates, accum: 2, lr: 1e-3, saveEvery: 0, seed: 1 };

const all = {
  plain: {},
  "other seed": { seed: 2 },
  "compact vocabulary": { compactVocab: true },
  "AdamW on device": { optimizer: "device" },
  "in single halves": { optimizer: "device-half" },
  ...(cpuInfo().features.includes("bf16") && {
    bf16: { precision: "bf16" },
    "bf16, compact": { precision: "bf16", compactVocab: true },
  }),
};
const unknown = options.only?.find((name) => !(name in all));
if (unknown !== undefined) {
  throw new Error(`--only must be one of ${Object.keys(all).join(", ")}, got "${unknown}".`);
}
const runs = Object.fromEntries(
  Object.entries(all).filter(
    ([name]) => name === "plain" || (options.only?.includes(name) ?? true),
  ),
);

async function run(name, changes) {
  const path = join(folder, "model.json");
  writeFileSync(path, JSON.stringify(model));
  const losses = [];
  let [classes, heldOut] = [0, 0];
  const out = join(folder, name);
  for await (const event of trainInProcess({ model: path, out, ...recipe, ...changes })) {
    if (event.type === "run") classes = event.classes;
    if (event.type === "step") losses.push(event.loss);
    if (event.type === "evaluation") heldOut = event.meanNll;
  }
  return { losses, classes, heldOut };
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const PARTS = 10;

const folder = temporaryFolder();
const results = {};
for (const [name, changes] of Object.entries(runs)) results[name] = await run(name, changes);

const table = Object.entries(results).map(([name, { losses, classes, heldOut }]) => {
  const size = losses.length / PARTS;
  const curve = Array.from({ length: PARTS }, (_, i) =>
    mean(losses.slice(i * size, (i + 1) * size)),
  );
  return { name, classes, curve, heldOut };
});
if (options.json) console.log(JSON.stringify({ updates, model, recipe, runs: table }));
else print();

function print() {
  console.log(`${updates} updates of ${recipe.accum} sequences; losses in nats per token`);
  const row = (label, cells) =>
    console.log(label.padEnd(20) + cells.map((c) => c.padStart(20)).join(""));
  row(
    "updates",
    table.map(({ name }) => name),
  );
  row(
    "classes",
    table.map(({ classes }) => `${classes}`),
  );
  for (let i = 0; i < PARTS; i++) {
    const [from, to] = [(updates / PARTS) * i + 1, (updates / PARTS) * (i + 1)];
    row(
      `${from} to ${to}`,
      table.map(({ curve }) => against(curve[i], table[0].curve[i])),
    );
  }
  row(
    "held out, all ids",
    table.map(({ heldOut }) => against(heldOut, table[0].heldOut)),
  );
}

/** A loss, and by how much it differs from the plain run's. */
function against(loss, plain) {
  const difference = (100 * (loss - plain)) / plain;
  return `${loss.toFixed(4)} (${difference < 0 ? "" : "+"}${difference.toFixed(2)} %)`;
}
