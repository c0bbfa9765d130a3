/** The first stream of images: their numbers as they are. */
import type { Embedding } from "../micro-step.js";
import type { Inputs } from "../pipeline.js";

export class ImageEmbedding implements Embedding {
  forward(inputs: Inputs, out: Float32Array): void {
    out.set(inputs);
  }

  /** It has no parameters. */
  backward(): void {}
}
