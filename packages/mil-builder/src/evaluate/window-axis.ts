/** Geometry of one spatial dimension of a convolution or pooling. */

export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Elements of padding before and after the input. */
  readonly before: number;
  readonly after: number;
}

const UNIT_AXIS: WindowAxis = {
  input: 1,
  output: 1,
  kernel: 1,
  stride: 1,
  dilation: 1,
  before: 0,
  after: 0,
};

/** Depth, height and width; leading axes of one element make one loop nest serve 1 to 3 dims. */
export function threeAxes(
  axes: readonly WindowAxis[],
): readonly [d: WindowAxis, h: WindowAxis, w: WindowAxis] {
  const [d, h, w] = [UNIT_AXIS, UNIT_AXIS, ...axes].slice(-3);
  return [d!, h!, w!];
}

/** Elements of the input plane, of the output plane, and of the kernel. */
export function planeSizes(d: WindowAxis, h: WindowAxis, w: WindowAxis) {
  return {
    inputSize: d.input * h.input * w.input,
    outputSize: d.output * h.output * w.output,
    taps: d.kernel * h.kernel * w.kernel,
  };
}
