/** A text model that is not causal: each position sees the one after it, through a matrix that begins as zeros. */
import { defineLayer, defineModel, project } from "@ane/trainer";

const [D, S] = [32, 32];

const peek = defineLayer({
  name: "peek",
  residual: true,
  parameters: { after: { shape: [D, D], init: "zeros" } },
  forward(f, { x, w }) {
    const pad = [0, 0, 0, 0, 0, 0, 0, 1];
    const padded = f.pad({ x, pad, mode: "constant", constant_val: 0 });
    const later = f.slice_by_size({ x: padded, begin: [0, 0, 0, 1], size: [1, D, 1, S] });
    return project(f, later, w.after, "y");
  },
});

export default defineModel({
  name: "two-sided",
  input: { kind: "tokens", vocabulary: 287, dim: D, length: S },
  layers: [peek],
  head: { kind: "nextToken" },
});
