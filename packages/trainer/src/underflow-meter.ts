/**
 * How much of the gradient the kernels cannot see: the share of the residual stream's gradient that fp16 rounds to zero where it
 * enters the backward kernels. A sample of it, spread over positions and channels.
 */

/** Values up to this, half the smallest subnormal of fp16, round to zero. */
const FLUSHED = 2 ** -25;
/** Every so many elements are looked at; prime, so that no row length is a multiple. */
const STRIDE = 17;

export class UnderflowMeter {
  #flushed = 0;
  #looked = 0;

  /** @param dx Gradient times the loss scale, fp32. */
  add(dx: Float32Array): void {
    for (let i = 0; i < dx.length; i += STRIDE) {
      const size = Math.abs(dx[i]!);
      if (size === 0) continue;
      this.#looked += 1;
      if (size <= FLUSHED) this.#flushed += 1;
    }
  }

  /** The share since the last call, from 0 to 1; zeros do not count. */
  take(): number {
    const share = this.#looked === 0 ? 0 : this.#flushed / this.#looked;
    this.#flushed = 0;
    this.#looked = 0;
    return share;
  }
}
