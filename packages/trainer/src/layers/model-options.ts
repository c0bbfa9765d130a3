/** What a model is described by: what it is given, its layers, and how its loss is made. */
import type { LayerDefinition } from "./define-layer.js";

/** Text: windows of `length` tokens, each a row of a learned table [vocabulary, dim]. The first layer gets [1, dim, 1, length]. */
export interface TokenInput {
  readonly kind: "tokens";
  /** Number of token ids. */
  readonly vocabulary: number;
  readonly dim: number;
  /** S, a multiple of 32. */
  readonly length: number;
  /** "learned": a vector per position is added. Default "none". */
  readonly positions?: "learned" | "none";
}

/** Labelled images of bytes; the first layer gets (byte / 255 − mean) / std, [batch, channels, height, width]. */
export interface ImageInput {
  readonly kind: "images";
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Images of a micro-step. */
  readonly batch: number;
  /** Default 0.5. */
  readonly mean?: number;
  /** Default 0.5. */
  readonly std?: number;
}

/** Text: the next token at every position, by a classifier [vocabulary, dim] that is the token table itself where it is tied. */
export interface NextTokenHead {
  readonly kind: "nextToken";
  /** Default "tied". */
  readonly classifier?: "tied" | "untied";
}

/** Images: the label, by a classifier [classes, C] with bias of the mean of [N, C, H, W] over positions. */
export interface LabelHead {
  readonly kind: "label";
  readonly classes: number;
}

export interface ModelOptions {
  readonly name: string;
  readonly input: TokenInput | ImageInput;
  readonly layers: readonly LayerDefinition[];
  readonly head: NextTokenHead | LabelHead;
}
