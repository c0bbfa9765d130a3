/** What a run is told. Everything that shapes the losses is stored in the run's config.json and restored on resume. */

export interface TrainOptions {
  /** Preset name or path of a JSON configuration. Default "stories110m", or the model of `init`. */
  readonly model?: string;
  /**
   * A model to start from: a llama2.c `.bin` file, a Hugging Face folder, a checkpoint or a run's folder; without it parameters
   * are drawn from `seed`.
   */
  readonly init?: string;
  /**
   * "dynamic": weights are inputs of kernels that are compiled once. "static": they are constants of kernels that are compiled
   * anew after each update. Default "dynamic".
   */
  readonly pipeline?: "dynamic" | "static";
  readonly device?: "auto" | "cpu" | "ane";
  /** "fp32" authors the kernels in fp32 (cpu device only): for debugging. Default "fp16". */
  readonly numerics?: "fp16" | "fp32";
  /**
   * "bf16" rounds the factors of weight-gradient and classifier products to bf16, and sums in fp32: faster on processors with
   * bf16 products, and refused on others. Default "fp32".
   */
  readonly precision?: "fp32" | "bf16";
  /** Token files; default: the embedded data set. */
  readonly data?: string;
  readonly validation?: string;
  /** Sequence length S, a multiple of 32. Default: the model's, at most 1024. */
  readonly seq?: number;
  /**
   * Train a classifier of the token ids that occur in the data alone: less work. The others get no logits in training, so the
   * loss is not comparable with one over the full vocabulary; evaluation and sampling use all ids. Default false.
   */
  readonly compactVocab?: boolean;
  /** Micro-steps in all (a resumed run counts those before). Default 100. */
  readonly steps?: number;
  /** Micro-steps per update. Default 10. */
  readonly accum?: number;
  readonly lr?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Clip the global gradient norm to this; 0 = no clipping. Default 1. */
  readonly clip?: number;
  /** dlogits are multiplied by this before the backward kernels, gradients divided afterwards. Default 256. */
  readonly lossScale?: number;
  readonly seed?: number;
  /** Compilations per process; 0 = no limit. Default 119. */
  readonly compileBudget?: number;
  /** Checkpoint every N micro-steps, and at the end; 0 = at the end only. Default 100. */
  readonly saveEvery?: number;
  /** Folder in which a run without `out` gets a folder of its own. Default "runs". */
  readonly runsDirectory?: string;
  /** Run directory of a new run; must not hold a run already. Default "<runsDirectory>/<model>-<time>". */
  readonly out?: string;
  /** Run directory to go on with, from its newest intact checkpoint. */
  readonly resume?: string;
  /** Ends the run after the current micro-step, with a checkpoint. */
  readonly signal?: AbortSignal;
}
