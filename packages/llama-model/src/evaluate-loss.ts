/** Loss of a model on a token file, by the protocol of llama2.c's PretokDataset: windows side by side, no context across. */
import { InputError } from "./errors.js";
import type { Parameters } from "./parameters.js";
import { WindowForward } from "./window-forward.js";

/** Which windows are evaluated. */
export interface EvaluateLossOptions {
  /** S: tokens of a window. Default: the configuration's seqLen. */
  readonly seqLen?: number;
  /** Windows from the start of the data; by default all. */
  readonly windows?: number;
}

/** The loss over all windows. */
export interface LossSummary {
  /** Mean negative log-likelihood, nats per token. */
  readonly meanNll: number;
  readonly windows: number;
  /** Predicted tokens: windows · S. */
  readonly tokens: number;
}

/**
 * Window i reads tokens [i·S, i·S + S) and predicts [i·S + 1, i·S + S + 1).
 * @throws InputError if the data has not one complete window or not as many as asked for.
 */
export function evaluateLoss(
  parameters: Parameters,
  tokens: Uint16Array | Uint32Array,
  options: EvaluateLossOptions = {},
): LossSummary {
  const forward = new WindowForward(parameters, options.seqLen);
  const S = forward.seqLen;
  const available = Math.max(0, Math.floor((tokens.length - 1) / S));
  const windows = options.windows ?? available;
  if (!Number.isInteger(windows) || windows < 1 || windows > available) {
    throw new InputError(
      `evaluateLoss: windows must be an integer from 1 to ${available} for ${tokens.length} tokens, got ${windows}. A window takes ${S} tokens and the one after them.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < windows; i++) {
    sum += forward.loss(tokens.subarray(i * S, i * S + S + 1));
  }
  return { meanNll: sum / windows, windows, tokens: windows * S };
}
