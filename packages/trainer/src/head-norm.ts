/**
 * The norms of query and key heads in one layer (Qwen3), which its attention kernels compute: gains [h] go in as [1, h, 1, S] with
 * every column the same, their gradients come out position by position and are summed here in fp32. h = head dim, S = sequence.
 */
import { axpy, copyStrided, reduce } from "@ane/accel-ops";
import { slotMatrix } from "@ane/ane-runtime";
import { type Tap, tapBytes } from "./kernel-stage.js";
import type { StepCounters } from "./step-counters.js";

export interface HeadNormTaps {
  /** In the input surface of the layer's attention kernels. */
  readonly gains: Tap;
  /** In the output surface of the backward kernel. */
  readonly dGains: Tap;
}

export class HeadNorm {
  readonly #taps: HeadNormTaps;
  readonly #gains: Float32Array;
  readonly #dGains: Float32Array;
  readonly #counters: StepCounters;
  /** The gradient of one micro-step, [h]. */
  readonly #sums: Float32Array;

  /** @param gains [h], a view into the parameters @param dGains Its gradient */
  constructor(
    taps: HeadNormTaps,
    gains: Float32Array,
    dGains: Float32Array,
    counters: StepCounters,
  ) {
    this.#taps = taps;
    this.#gains = gains;
    this.#dGains = dGains;
    this.#counters = counters;
    this.#sums = new Float32Array(gains.length);
  }

  /** Takes over the present gains, rounded to the surface's dtype. */
  stage(): void {
    const { surface, slot } = this.#taps.gains;
    const [, h, , S] = slot.shape;
    surface.write((elements) => {
      const { offset = 0, rowStride, columnStride } = slotMatrix(elements, surface, slot);
      copyStrided({
        shape: [h, S],
        src: { data: this.#gains, strides: [1, 0] },
        dst: { data: elements, offset, strides: [rowStride, columnStride] },
      });
    });
    this.#counters.convertTo(tapBytes(this.#taps.gains));
  }

  /** Adds the sum over positions to the gradient. The backward kernel has run. */
  addGradient(): void {
    const { surface, slot } = this.#taps.dGains;
    const [, h, , S] = slot.shape;
    surface.read((x) => {
      const { offset: xOffset = 0 } = slotMatrix(x, surface, slot);
      reduce({ op: "sum", outer: h, axis: S, inner: 1, x, xOffset, out: this.#sums });
    });
    this.#counters.convertFrom(tapBytes(this.#taps.dGains));
    axpy(1, this.#sums, this.#dGains);
  }
}
