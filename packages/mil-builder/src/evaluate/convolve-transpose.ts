/** Transposed convolution in float64, plane by plane: each tap of the kernel spreads the input over the output. */
import type { Tensor } from "../tensor.js";
import { planeSizes, threeAxes, type WindowAxis } from "./window-axis.js";

/**
 * out[i · stride + k · dilation - before] += weight[k] · x[i], plus bias; what falls outside is dropped. x [N, Cin, ...], weight
 * [Cin, Cout/groups, ...], bias [Cout], out [N, Cout, ...].
 */
export function convolveTranspose(
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
  const groupOutputs = weight.type.shape[1]!;
  const outputs = groupOutputs * groups;
  const groupInputs = inputs / groups;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const to = (n * outputs + o) * outputSize;
      out.data.fill(bias?.data[o] ?? 0, to, to + outputSize);
      const firstInput = Math.floor(o / groupOutputs) * groupInputs;
      for (let i = firstInput; i < firstInput + groupInputs; i++) {
        const from = (n * inputs + i) * inputSize;
        const kernel = (i * groupOutputs + (o % groupOutputs)) * taps;
        spreadPlane(x.data, from, weight.data, kernel, out.data, to, d, h, w);
      }
    }
  }
}

function spreadPlane(
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
        for (let id = 0; id < d.input; id++) {
          const od = id * d.stride - d.before + kd * d.dilation;
          if (od < 0 || od >= d.output) continue;
          for (let ih = 0; ih < h.input; ih++) {
            const oh = ih * h.stride - h.before + kh * h.dilation;
            if (oh < 0 || oh >= h.output) continue;
            const row = from + (id * h.input + ih) * w.input;
            const target = to + (od * h.output + oh) * w.output;
            spreadRow(x, row, factor, out, target, w, kw * w.dilation - w.before);
          }
        }
      }
    }
  }
}

/** out[i · stride + shift] += factor · x[i], where that lies inside the row. */
function spreadRow(
  x: Float64Array,
  row: number,
  factor: number,
  out: Float64Array,
  target: number,
  { input, output, stride }: WindowAxis,
  shift: number,
): void {
  const first = Math.max(0, Math.ceil(-shift / stride));
  const end = Math.min(input, Math.floor((output - 1 - shift) / stride) + 1);
  for (let i = first; i < end; i++) {
    const position = target + i * stride + shift;
    out[position] = out[position]! + factor * x[row + i]!;
  }
}
