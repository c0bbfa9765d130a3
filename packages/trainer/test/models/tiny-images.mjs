/** An image model of a general convolution and a pooling layer without parameters. */
import { defineLayer, defineModel } from "@ane/trainer";

const convolution = defineLayer({
  name: "convolution",
  parameters: {
    weight: { shape: [4, 1, 3, 3], init: "he" },
    bias: { shape: [4] },
  },
  forward(f, { x, w }) {
    const y = f.conv({ x, weight: w.weight, pad_type: "same" });
    return f.relu({ x: f.add({ x: y, y: w.bias }) });
  },
});

const pool = defineLayer({
  name: "pool",
  forward: (f, { x }) =>
    f.avg_pool({ x, kernel_sizes: [2, 2], strides: [2, 2], pad_type: "valid" }),
});

export default defineModel({
  name: "tiny-images",
  input: { kind: "images", shape: [1, 8, 8], batch: 4 },
  layers: [convolution, pool],
  head: { kind: "label", classes: 3 },
});
