/** What there is to say of an evaluation, as --json has it and as a line. */

export interface EvalSummary {
  /** Nats per token, or per label. */
  readonly meanNll: number;
  readonly windows: number;
  readonly ms: number;
  /** Of text. */
  readonly perplexity?: number;
  readonly bitsPerByte?: number;
  /** In all, and in a window. */
  readonly tokens?: number;
  readonly seq?: number;
  /** Of images: share of the labels that were found. */
  readonly accuracy?: number;
  /** In all, and in a batch. */
  readonly images?: number;
  readonly batch?: number;
}

export function formatSummary(summary: EvalSummary): string {
  const { meanNll, windows, perplexity, bitsPerByte, accuracy, seq, batch, ms } = summary;
  const [unit, piece] = batch === undefined ? ["token", "window"] : ["label", "batch"];
  const size = batch === undefined ? `${seq}` : `${batch} images`;
  const plural = piece === "batch" ? "batches" : "windows";
  return [
    `loss ${meanNll.toFixed(6)} nats per ${unit}`,
    ...(perplexity === undefined ? [] : [`perplexity ${perplexity.toFixed(3)}`]),
    ...(bitsPerByte === undefined ? [] : [`${bitsPerByte.toFixed(4)} bits per byte`]),
    ...(accuracy === undefined ? [] : [`${(100 * accuracy).toFixed(1)} % of the labels`]),
    `${windows} ${windows === 1 ? piece : plural} of ${size} in ${(ms / 1000).toFixed(1)} s`,
  ].join("   ");
}
