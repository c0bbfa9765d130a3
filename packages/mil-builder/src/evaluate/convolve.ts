/** Direct convolution in float64, plane by plane: each tap of the kernel adds shifted rows of the input. */
import type { Tensor } from "../tensor.js";
import { planeSizes, threeAxes, type WindowAxis } from "./window-axis.js";

/** out = weight ⋆ x + bias. x [N, Cin, ...], weight [Cout, Cin/groups, ...], bias [Cout], out [N, Cout, ...]. */
export function convolve(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  out: Tensor,
  groups: number,
  axes: readonly WindowAxis[],
): void {
  const [d, h, w] = threeAxes(axes);
  const { inputSize, outputSize, taps } = planeSizes(d, h, w);
  const [batch, inputs] = x.type.shape as [number, number];
  const outputs = weight.type.shape[0]!;
  const groupInputs = inputs / groups;
  const groupOutputs = outputs / groups;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const to = (n * outputs + o) * outputSize;
      out.data.fill(bias?.data[o] ?? 0, to, to + outputSize);
      const firstInput = n * inputs + Math.floor(o / groupOutputs) * groupInputs;
      for (let i = 0; i < groupInputs; i++) {
        const from = (firstInput + i) * inputSize;
        const kernel = (o * groupInputs + i) * taps;
        accumulatePlane(x.data, from, weight.data, kernel, out.data, to, d, h, w);
      }
    }
  }
}

/** Adds one input channel's contribution to one output channel: out += kernel ⋆ x. */
function accumulatePlane(
  x: Float64Array,
  from: number,
  weight: Float64Array,
  kernel: number,
  out: Float64Array,
  to: number,
  d: WindowAxis,
  h: WindowAxis,
  w: WindowAxis,
): void {
  let tap = kernel;
  for (let kd = 0; kd < d.kernel; kd++) {
    for (let kh = 0; kh < h.kernel; kh++) {
      for (let kw = 0; kw < w.kernel; kw++) {
        const factor = weight[tap++]!;
        for (let od = 0; od < d.output; od++) {
          const id = od * d.stride - d.before + kd * d.dilation;
          if (id < 0 || id >= d.input) continue;
          for (let oh = 0; oh < h.output; oh++) {
            const ih = oh * h.stride - h.before + kh * h.dilation;
            if (ih < 0 || ih >= h.input) continue;
            const row = from + (id * h.input + ih) * w.input;
            const target = to + (od * h.output + oh) * w.output;
            accumulateRow(x, row, factor, out, target, w, kw * w.dilation - w.before);
          }
        }
      }
    }
  }
}

/** out[i] += factor · x[i · stride + shift], where that lies inside the row. */
function accumulateRow(
  x: Float64Array,
  row: number,
  factor: number,
  out: Float64Array,
  target: number,
  { input, output, stride }: WindowAxis,
  shift: number,
): void {
  const first = Math.max(0, Math.ceil(-shift / stride));
  const end = Math.min(output, Math.floor((input - 1 - shift) / stride) + 1);
  for (let i = first; i < end; i++) {
    out[target + i] = out[target + i]! + factor * x[row + i * stride + shift]!;
  }
}
