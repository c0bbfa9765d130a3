/** A text model of one residual layer type, with what a layer may have: matrices, vectors, a table, and a value used twice. */
import { defineLayer, defineModel, project } from "@ane/trainer";

const [D, F, S] = [32, 64, 32];

export const mix = defineLayer({
  name: "mix",
  residual: true,
  parameters: {
    gain: { shape: [D], init: "ones" },
    up: { shape: [F, D] },
    bias: { shape: [F] },
    down: { shape: [D, F] },
  },
  constants: {
    average: {
      shape: [1, 1, S, S],
      // Column s: the mean of the positions up to s.
      elements: () =>
        Float32Array.from({ length: S * S }, (_, i) =>
          Math.floor(i / S) <= i % S ? 1 / ((i % S) + 1) : 0,
        ),
    },
  },
  forward(f, { x, w, constants }) {
    const past = f.matmul({ x, y: constants.average });
    const mixed = f.mul({ x: f.add({ x, y: past }), y: w.gain });
    const hidden = f.silu({ x: f.add({ x: project(f, mixed, w.up, "up_x"), y: w.bias }) });
    return project(f, hidden, w.down, "down_x");
  },
});

export default defineModel({
  name: "tiny-text",
  input: { kind: "tokens", vocabulary: 64, dim: D, length: S, positions: "learned" },
  layers: [mix, mix],
  head: { kind: "nextToken" },
});
