/** What a run is told. Everything that shapes the losses is stored in the run's config.json and restored on resume. */

import type { OptimizerPlace } from "./optimizer-place.js";
import type { RunControl } from "./run-control.js";

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
  /**
   * "derived": the kernels are derived from the forward passes of the layer's two halves. "handwritten": those that were written by
   * hand. Losses agree to rounding. Default "derived".
   */
  readonly kernels?: "handwritten" | "derived";
  readonly device?: "auto" | "cpu" | "ane";
  /** "fp32" authors the kernels in fp32 (cpu device only): for debugging. Default "fp16". */
  readonly numerics?: "fp16" | "fp32";
  /**
   * "bf16" rounds the factors of weight-gradient and classifier products to bf16, and sums in fp32: faster on processors with
   * bf16 products, and refused on others. Default "fp32".
   */
  readonly precision?: "fp32" | "bf16";
  /**
   * Where AdamW runs. "device": as a kernel over tiles of the parameters, in pairs of halves; "device-half": in single halves, to
   * see what those lose. Default "cpu", in fp32.
   */
  readonly optimizer?: OptimizerPlace;
  /** Token files; default: the embedded data set. */
  readonly data?: string;
  readonly validation?: string;
  /** Sequence length S, a multiple of 32. Default: the model's, at most 1024. */
  readonly seq?: number;
  /**
   * Train a classifier of the token ids that occur in the data alone: less work. The others count as logits of 0 in the loss;
   * evaluation and sampling use the rows of all ids. Default false.
   */
  readonly compactVocab?: boolean;
  /** Micro-steps in all (a resumed run counts those before). Default 100, or no limit where `minutes` is given. */
  readonly steps?: number;
  /** Instead of `steps`: training tokens in all, rounded up to whole updates. */
  readonly tokens?: number;
  /** Instead of `steps`: as many tokens as so many times the data has, rounded up to whole updates. */
  readonly epochs?: number;
  /** Ends the run when it has worked for so long, those before a resume counted; 0 = no limit. Default 0. */
  readonly minutes?: number;
  /** Micro-steps per update. Default 10. */
  readonly accum?: number;
  /** Instead of `accum`: tokens per update, a multiple of `seq`. */
  readonly batchTokens?: number;
  /** Of every update that the schedule does not change. Default 3e-4. */
  readonly lr?: number;
  /** What the learning rate does after the warm-up: stay, or fall to `minLr`. Default "constant". */
  readonly schedule?: "constant" | "cosine" | "linear";
  /** Updates over which the learning rate rises from lr / warmup to lr. Default 0. */
  readonly warmup?: number;
  /** What the learning rate falls to. Default a tenth of `lr`. */
  readonly minLr?: number;
  /** Update from which on the learning rate is `minLr`. Default: the last of the run; a resume with more steps does not move it. */
  readonly decayUpdates?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Clip the global gradient norm to this; 0 = no clipping. Default 1. */
  readonly clip?: number;
  /**
   * dlogits are multiplied by this before the backward kernels, gradients divided afterwards. "dynamic" finds the factor: an
   * update whose gradients overflow is skipped and halves it, 2000 good ones in a row double it. Default 256.
   */
  readonly lossScale?: number | "dynamic";
  /** Adds zLoss · mean(logsumexp²) to what is minimized, so that logits stay small; 0 = none. Default 0. */
  readonly zLoss?: number;
  /** Logits become softcap · tanh(logits / softcap), which belongs to the model from then on; 0 = as they are. Default: the model's. */
  readonly softcap?: number;
  readonly seed?: number;
  /** Compilations per process; 0 = no limit. Default 119. */
  readonly compileBudget?: number;
  /** Checkpoint every N micro-steps, and at the end; 0 = at the end only. Default 100. */
  readonly saveEvery?: number;
  /** Newest checkpoints that are kept; the best by held-out loss is kept beside them. Default 2. */
  readonly keep?: number;
  /** Evaluate on the validation file every N micro-steps, and at the end; 0 = at the end only. Default 0. */
  readonly evalEvery?: number;
  /** Windows of the validation file, from its start, that an evaluation takes; 0 = all. Default 32. */
  readonly evalWindows?: number;
  /**
   * "mpi": all processes that one `mpirun` started train one model, each its share of every update's micro-steps, with `accum` of
   * them per update on each. Only rank 0 yields events and writes. Without mpirun the one process trains alone.
   */
  readonly distributed?: "mpi";
  /** Folder in which a run without `out` gets a folder of its own. Default "runs". */
  readonly runsDirectory?: string;
  /** Run directory of a new run; must not hold a run already. Default "<runsDirectory>/<model>-<time>". */
  readonly out?: string;
  /** Run directory to go on with, from its newest intact checkpoint. */
  readonly resume?: string;
  /** A text from the present parameters every N micro-steps, for each of `samplePrompts`; 0 = when asked for alone. Default 0. */
  readonly sampleEvery?: number;
  /** What the samples begin with. Default "Once upon a time". */
  readonly samplePrompts?: readonly string[];
  /** The model's tokenizer.bin or SentencePiece .model, for samples and bits per byte. Default: Llama 2's, where the model has as many token ids. */
  readonly tokenizer?: string;
  /** Asks the run for a checkpoint, an evaluation, a sample, a pause or its end while it works. */
  readonly control?: RunControl;
  /** Ends the run after the current micro-step, with a checkpoint. */
  readonly signal?: AbortSignal;
}
