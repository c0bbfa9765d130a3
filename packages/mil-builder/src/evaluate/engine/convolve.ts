/** Convolution and transposed convolution in the engine's multiply-accumulate unit. */
import type { Tensor } from "../../tensor.js";
import { planeSizes, threeAxes, type WindowAxis } from "../window-axis.js";
import { accumulate, decodeOperands, exponentsOf, initialSum, sumToHalf } from "./accumulator.js";

/** An input position and the tap of the kernel that it meets. */
interface Meeting {
  readonly input: number;
  readonly tap: number;
}

export interface Convolution {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  readonly groups: number;
  readonly axes: readonly WindowAxis[];
  /** The kernel spreads inputs over outputs, and the weight is [Cin, Cout/groups, ...] and not [Cout, Cin/groups, ...]. */
  readonly transposed: boolean;
}

/** x [N, Cin, ...], bias [Cout], out [N, Cout, ...]. Sums run over input channels, then over the taps of the kernel. */
export function convolveInUnit(convolution: Convolution, out: Tensor): void {
  const { x, weight, bias, groups, axes, transposed } = convolution;
  const { inputSize, outputSize, taps } = planeSizes(...threeAxes(axes));
  const { starts, inputAt, tapAt } = planeMeetings(axes, transposed);
  const [data, kernels] = [decodeOperands(x.data), decodeOperands(weight.data)];
  const [dataExponents, kernelExponents] = [exponentsOf(data), exponentsOf(kernels)];
  const [batch, outputs] = out.type.shape as [number, number];
  const inputs = x.type.shape[1]!;
  const [groupInputs, groupOutputs] = [inputs / groups, outputs / groups];
  const sums = new Float64Array(outputSize);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const first = Math.floor(o / groupOutputs) * groupInputs;
      sums.fill(initialSum(bias?.data[o] ?? 0));
      for (let i = first; i < first + groupInputs; i++) {
        const from = (n * inputs + i) * inputSize;
        const index = transposed
          ? i * groupOutputs + (o % groupOutputs)
          : o * groupInputs + (i - first);
        for (let position = 0; position < outputSize; position++) {
          let sum = sums[position]!;
          for (let m = starts[position]!; m < starts[position + 1]!; m++) {
            const at = from + inputAt[m]!;
            const tap = index * taps + tapAt[m]!;
            const exponent = dataExponents[at]! + kernelExponents[tap]!;
            sum = accumulate(sum, data[at]!, kernels[tap]!, exponent);
          }
          sums[position] = sum;
        }
      }
      out.data.set(sums.map(sumToHalf), (n * outputs + o) * outputSize);
    }
  }
}

/** For each output position of a plane, from `starts[position]` on, the input positions and taps that it sums. */
function planeMeetings(axes: readonly WindowAxis[], transposed: boolean) {
  const three = threeAxes(axes);
  const [, h, w] = three;
  const [deep, high, wide] = three.map((axis) => axisMeetings(axis, transposed));
  const starts = [0];
  const inputAt: number[] = [];
  const tapAt: number[] = [];
  for (const ds of deep!) {
    for (const rows of high!) {
      for (const columns of wide!) {
        for (const d of ds) {
          for (const r of rows) {
            for (const c of columns) {
              inputAt.push((d.input * h.input + r.input) * w.input + c.input);
              tapAt.push((d.tap * h.kernel + r.tap) * w.kernel + c.tap);
            }
          }
        }
        starts.push(inputAt.length);
      }
    }
  }
  return {
    starts: Int32Array.from(starts),
    inputAt: Int32Array.from(inputAt),
    tapAt: Int32Array.from(tapAt),
  };
}

/**
 * By output position of one axis: output i meets input i · stride + tap · dilation - before; transposed, input i meets output
 * i · stride + tap · dilation - before.
 */
function axisMeetings(axis: WindowAxis, transposed: boolean): readonly (readonly Meeting[])[] {
  const { input, output, kernel, stride, dilation, before } = axis;
  return Array.from({ length: output }, (_, i) =>
    Array.from({ length: kernel }, (_, tap) => ({
      input: transposed
        ? (i + before - tap * dilation) / stride
        : i * stride + tap * dilation - before,
      tap,
    })).filter(
      (meeting) => Number.isInteger(meeting.input) && meeting.input >= 0 && meeting.input < input,
    ),
  );
}
