/** Cross-entropy of logits [S, V] against one target class per row, in nats, and its gradient in place of the logits. */
import { checkArray, checkInteger } from "./argument-error.js";
import { checkApart, checkNumber } from "./checks.js";
import { nativeBinding } from "./native.js";
import { checkedTokens, type TokenArray } from "./tokens.js";

type LossArguments = [
  logits: Float32Array,
  targets: Uint32Array,
  classes: number,
  losses: Float32Array | undefined,
  softcap: number,
  absentClasses: number,
];

const native = nativeBinding<{
  crossEntropyLoss(...args: LossArguments): number;
  crossEntropy(...args: [...LossArguments, gradientScale: number, zLoss: number]): number;
}>();

export interface CrossEntropyLossOptions {
  /** fp32 [rows, classes] */
  readonly logits: Float32Array;
  /** [rows], each below `classes`. */
  readonly targets: TokenArray;
  /** S; at least 1. */
  readonly rows: number;
  /** V; at least 1. */
  readonly classes: number;
  /** If given, receives the loss of each row: fp32 [rows]. */
  readonly losses?: Float32Array | undefined;
  /** The loss is that of softcap·tanh(logits / softcap); 0 = of the logits as they are. Default 0. */
  readonly softcap?: number | undefined;
  /**
   * Further classes, no row's target, whose logits are not given and count as 0: each adds exp(0) to the sum. Default 0.
   */
  readonly absentClasses?: number | undefined;
}

export interface CrossEntropyOptions extends CrossEntropyLossOptions {
  /** Factor of the gradient: 1/rows for the gradient of the mean, times the loss scale if there is one. */
  readonly gradientScale: number;
  /** The gradient is that of the loss plus zLoss·mean((log Σ exp(x))²), a term that the loss leaves out. Default 0. */
  readonly zLoss?: number | undefined;
}

/**
 * Mean of `log Σ exp(x) − x[target]` over rows; the logits stay as they are. NaN if a row holds NaN or +∞.
 *
 * @throws ArgumentError
 */
export function crossEntropyLoss(options: CrossEntropyLossOptions): number {
  return native.crossEntropyLoss(...checked("crossEntropyLoss", options));
}

/**
 * The same mean loss, and `logits = gradientScale·(softmax(logits) − onehot(target))`, row by row while the row is in
 * the cache; with zLoss and softcap, the gradient with respect to the logits as they were given.
 *
 * Sources: z-loss, Chowdhery et al., "PaLM", 2022, section 5; soft cap, Gemma Team, "Gemma 2", 2024, section 2.
 *
 * @throws ArgumentError
 */
export function crossEntropy(options: CrossEntropyOptions): number {
  const { gradientScale, zLoss = 0 } = options;
  checkNumber(gradientScale, "crossEntropy.gradientScale");
  checkNumber(zLoss, "crossEntropy.zLoss", "must be finite and at least 0", fromZero);
  return native.crossEntropy(...checked("crossEntropy", options), gradientScale, zLoss);
}

function checked(where: string, options: CrossEntropyLossOptions): LossArguments {
  const { logits, targets, rows, classes, losses, softcap = 0, absentClasses = 0 } = options;
  checkNumber(softcap, `${where}.softcap`, "must be finite and at least 0", fromZero);
  checkInteger(rows, `${where}.rows`, 1);
  checkInteger(classes, `${where}.classes`, 1);
  checkInteger(absentClasses, `${where}.absentClasses`, 0);
  checkArray(logits, Float32Array, `${where}.logits`, rows * classes);
  const ids = checkedTokens(targets, classes, `${where}.targets`, rows);
  checkApart(logits, ids, `${where}.logits`, "targets");
  if (losses) {
    checkArray(losses, Float32Array, `${where}.losses`, rows);
    checkApart(losses, logits, `${where}.losses`, "logits");
    checkApart(losses, ids, `${where}.losses`, "targets");
  }
  return [logits, ids, classes, losses, softcap, absentClasses];
}

function fromZero(value: number): boolean {
  return value >= 0;
}
