/** Extents and padding of sliding windows. Source: coremltools defs/_utils.py (spatial_dimensions_out_shape). */
import type { InferScope } from "../op-definition.js";
import { formatShape } from "../tensor-type.js";
import { expectLength } from "./shape-rules.js";

export type PadType = "valid" | "custom" | "same" | "same_lower";

/** One spatial dimension of a convolution or a pooling. */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Elements of padding before the input. */
  readonly before: number;
}

export interface WindowOptions {
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly padType: PadType;
  /** [before0, after0, before1, after1, ...]; read only for `custom`. */
  readonly pad: readonly number[] | undefined;
}

/** Geometry per spatial dimension; an output below 1 means that the kernel does not fit. */
export function windowAxes(options: WindowOptions): readonly WindowAxis[] {
  return options.spatial.map((input, axis) => {
    const kernel = options.kernel[axis]!;
    const stride = options.strides?.[axis] ?? 1;
    const dilation = options.dilations?.[axis] ?? 1;
    const reach = (kernel - 1) * dilation + 1;
    const { before, total } = padding(options, axis, input, stride, reach);
    const output = Math.floor((input + total - reach) / stride) + 1;
    return { input, output, kernel, stride, dilation, before };
  });
}

function padding(
  { padType, pad }: WindowOptions,
  axis: number,
  input: number,
  stride: number,
  reach: number,
): { readonly before: number; readonly total: number } {
  if (padType === "valid") return { before: 0, total: 0 };
  if (padType === "custom") {
    const before = pad?.[2 * axis] ?? 0;
    return { before, total: before + (pad?.[2 * axis + 1] ?? 0) };
  }
  const total = Math.max(0, (Math.ceil(input / stride) - 1) * stride + reach - input);
  return { before: padType === "same" ? Math.floor(total / 2) : Math.ceil(total / 2), total };
}

/** Throws unless all vectors have an entry per dimension and the kernel fits into the padded input. */
export function checkWindow(options: WindowOptions, scope: InferScope): readonly WindowAxis[] {
  const rank = options.spatial.length;
  for (const name of ["strides", "dilations"] as const) {
    const list = options[name];
    if (list === undefined) continue;
    expectLength(name, list, rank, scope);
    if (list.some((entry) => entry < 1)) {
      throw scope.error(`"${name}" must be positive`, "entries of 1 or more", formatShape(list));
    }
  }
  if (options.pad !== undefined && options.pad.length !== 2 * rank) {
    const expected = `${2 * rank} entries`;
    throw scope.error('"pad" must have two entries per dim', expected, `${options.pad.length}`);
  }
  const axes = windowAxes(options);
  const bad = axes.find((axis) => axis.output < 1);
  if (bad !== undefined) {
    throw scope.error(
      "the dilated kernel must fit into the padded input",
      `at most ${bad.input} elements plus padding`,
      `kernel ${bad.kernel} with dilation ${bad.dilation}`,
    );
  }
  return axes;
}
