/** Sliding-window reductions in float64 over planes of 1 to 3 dims. */
import type { Tensor } from "../tensor.js";
import { planeSizes, threeAxes, type WindowAxis } from "./window-axis.js";

/** What a window computes: a fold over the elements inside the input, then a last step. */
export interface PoolRule {
  readonly initial: number;
  fold(total: number, x: number): number;
  /** `inside`: elements of the window inside the input; `padded`: inside the padded input. */
  finish(total: number, inside: number, padded: number): number;
}

/** Positions of one window along one axis. */
interface Span {
  /** First position inside the input and one past the last. */
  readonly begin: number;
  readonly end: number;
  /** Positions inside the padded input; a window of ceil_mode may reach over it. */
  readonly padded: number;
}

/** x [N, C, ...] to out [N, C, ...]; windows are not dilated. */
export function pool(x: Tensor, out: Tensor, axes: readonly WindowAxis[], rule: PoolRule): void {
  const [d, h, w] = threeAxes(axes);
  const { inputSize, outputSize } = planeSizes(d, h, w);
  const [depth, height, width] = [spans(d), spans(h), spans(w)];
  const planes = out.data.length / outputSize;
  let position = 0;
  for (let plane = 0; plane < planes; plane++) {
    const base = plane * inputSize;
    for (const a of depth) {
      for (const b of height) {
        for (const c of width) {
          let total = rule.initial;
          for (let i = a.begin; i < a.end; i++) {
            for (let j = b.begin; j < b.end; j++) {
              const row = base + (i * h.input + j) * w.input;
              for (let k = c.begin; k < c.end; k++) total = rule.fold(total, x.data[row + k]!);
            }
          }
          const inside = (a.end - a.begin) * (b.end - b.begin) * (c.end - c.begin);
          out.data[position++] = rule.finish(total, inside, a.padded * b.padded * c.padded);
        }
      }
    }
  }
}

function spans({ input, output, kernel, stride, before, after }: WindowAxis): readonly Span[] {
  return Array.from({ length: output }, (_, index) => {
    const start = index * stride - before;
    const begin = Math.max(start, 0);
    return {
      begin,
      end: Math.max(begin, Math.min(start + kernel, input)),
      padded: Math.min(start + kernel, input + after) - start,
    };
  });
}
