import { deriveTraining, project } from "@ane/mil-builder/autodiff";

export const layer = deriveTraining(
  {
    name: "gated",
    inputs: { x: 64 },
    parameters: { w1: { shape: [256, 64] }, w3: { shape: [256, 64] }, w2: { shape: [64, 256] } },
    forward(f, { x }, { w1, w2, w3 }) {
      const gate = f.silu({ x: project(f, x, w1, "h1") });
      return { y: project(f, f.mul({ x: gate, y: project(f, x, w3, "h3") }), w2, "y_product") };
    },
  },
  { seqLen: 256, pipeline: "static" },
);
console.log(layer.explain());
