// Makes the plots and prints the tables of docs/numerics.md. Run `npm run build` first, then
//   ANE_STORIES15M=path/to/stories15M.bin node scripts/numerics-study.mjs
// Without the variable the weights are random, of the same sizes; the committed results are of the real model.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { studyLayers } from "./numerics-study/layer.mjs";
import { loadModel } from "./numerics-study/model.mjs";
import { studyNorm } from "./numerics-study/norm.mjs";
import { linePlot } from "./numerics-study/plot.mjs";

const save = (name, svg) =>
  writeFileSync(fileURLToPath(new URL(`../docs/plots/${name}.svg`, import.meta.url)), svg);

const model = loadModel(process.env.ANE_STORIES15M);
console.log(`weights: ${model.source}, loss ${model.loss.toFixed(3)}`);

const scales = Array.from({ length: 15 }, (_, i) => 2 ** (2 * i - 4));
for (const layer of [0, model.layers.length - 1]) {
  const points = studyLayers(model, layer, scales);
  console.log(`\nlayer ${layer}`);
  console.table(
    points.map(({ numerics, scale, slot, lost, error, infinite }) => ({
      numerics,
      scale: `2^${Math.log2(scale)}`,
      slot,
      "lost %": (100 * lost).toFixed(2),
      "error %": (100 * error).toFixed(2),
      infinite,
    })),
  );
  for (const [measure, title] of [
    ["lost", "gradients that become zero, %"],
    ["error", "relative error of the gradient, % (of the norm)"],
  ]) {
    const slots = ["dh1", "dv", "dq", "dx"];
    const series = slots.flatMap((slot) =>
      ["fp16", "ane"].map((numerics) => ({
        name: `${slot}, ${numerics}`,
        dashed: numerics === "fp16",
        colour: slots.indexOf(slot),
        points: points
          .filter((point) => point.slot === slot && point.numerics === numerics)
          .map(({ scale, [measure]: value }) => [Math.log2(scale), 100 * value]),
      })),
    );
    const x = "loss scale, log2";
    save(`layer-${layer}-${measure}`, linePlot({ title: `Layer ${layer}: ${title}`, x, series }));
  }
}

const norms = studyNorm();
console.log("\nRMSNorm");
console.table(norms.map(({ name, first, last }) => ({ name, first, last })));
save(
  "rms-norm",
  linePlot({
    title: "RMSNorm over 288 channels: error of the result, % (100: all is lost)",
    x: "root mean square of x, log2",
    series: norms,
  }),
);
