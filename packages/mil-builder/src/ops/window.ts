/**
 * Extents and padding of sliding windows, for convolution and pooling. Source: coremltools defs/_utils.py
 * (spatial_dimensions_out_shape). Unknown dims of the input give unknown dims of the output.
 */
import type { WindowAxis } from "../evaluate/window-axis.js";
import type { InferScope } from "../op-definition.js";
import { hasOpset } from "../opset.js";
import { formatShape } from "../tensor-type.js";
import { expectLength } from "./shape-rules.js";

/** `same_lower` exists from iOS16 on. */
export const PAD_TYPES = ["valid", "custom", "same", "same_lower"] as const;

export type PadType = (typeof PAD_TYPES)[number];

export interface WindowOptions {
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[] | undefined;
  readonly dilations?: readonly number[] | undefined;
  readonly padType: PadType;
  /** [before0, after0, before1, after1, ...]; read only for `custom`. */
  readonly pad: readonly number[] | undefined;
  /** The last window may reach over the end, as far as it begins before it. */
  readonly ceilMode?: boolean;
}

/** Geometry per spatial dimension; an output below 1 means that the kernel does not fit. */
export function windowAxes(options: WindowOptions): readonly WindowAxis[] {
  return options.spatial.map((input, axis) => {
    const kernel = options.kernel[axis]!;
    const stride = options.strides?.[axis] ?? 1;
    const dilation = options.dilations?.[axis] ?? 1;
    const reach = (kernel - 1) * dilation + 1;
    const { before, after } = padding(options, axis, input, stride, reach);
    const room = input + before + after - reach;
    let output = Math.floor(room / stride) + 1;
    if (options.ceilMode === true) {
      output = Math.ceil(room / stride) + 1;
      const padded = before + after;
      if (padded > 0 && (output - 1) * stride >= input + padded / 2) output -= 1;
    }
    return { input, output, kernel, stride, dilation, before, after };
  });
}

function padding(
  { padType, pad }: WindowOptions,
  axis: number,
  input: number,
  stride: number,
  reach: number,
): Pick<WindowAxis, "before" | "after"> {
  if (padType === "valid") return { before: 0, after: 0 };
  if (padType === "custom") {
    return { before: pad?.[2 * axis] ?? 0, after: pad?.[2 * axis + 1] ?? 0 };
  }
  const total = Math.max(0, (Math.ceil(input / stride) - 1) * stride + reach - input);
  const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return padType === "same" ? { before: less, after: more } : { before: more, after: less };
}

/** Throws unless all vectors have an entry per dimension and the kernel fits into the padded input. */
export function checkWindow(options: WindowOptions, scope: InferScope): readonly WindowAxis[] {
  checkVectors(options, scope);
  if (options.padType === "same_lower" && !hasOpset(scope.opset, "ios16")) {
    throw scope.error('"same_lower" needs ios16', "ios16 or newer", scope.opset);
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

/** Throws unless strides, dilations and pad have the right lengths and make sense. */
export function checkVectors(
  { spatial, strides, dilations, pad }: Omit<WindowOptions, "kernel" | "padType">,
  scope: InferScope,
): void {
  for (const [name, list] of Object.entries({ strides, dilations })) {
    if (list === undefined) continue;
    expectLength(name, list, spatial.length, scope);
    if (list.some((entry) => entry < 1)) {
      throw scope.error(`"${name}" must be positive`, "entries of 1 or more", formatShape(list));
    }
  }
  if (pad !== undefined && pad.length !== 2 * spatial.length) {
    const expected = `${2 * spatial.length} entries`;
    throw scope.error('"pad" must have two entries per dim', expected, `${pad.length}`);
  }
}
