/**
 * A model as a run's recipe and its checkpoints name it: the dims of a Llama, or what a user's module defined. Everything that the
 * state, its files and the data depend on follows from the record alone; only the layers' programs are the module's.
 */
import { type LlamaConfig, parameterLayout } from "@ane/llama-model";

/** How a parameter begins. */
export type Initialization = "zeros" | "ones" | { readonly normal: number };

export interface ParameterRecord {
  /** Such as "layers.3.attention.wq". */
  readonly name: string;
  readonly shape: readonly number[];
  /** Weight decay applies. */
  readonly decay: boolean;
  readonly init: Initialization;
  /** Of a layer's parameter: which one, from 0. */
  readonly layer?: number;
}

/** Text: windows of `seqLen` token ids below `vocabSize`. */
export interface TokenInputRecord {
  readonly kind: "tokens";
  readonly vocabSize: number;
  readonly dim: number;
  /** A learned vector per position is added. */
  readonly positions: boolean;
}

/** Images of bytes, [channels, height, width], `batch` of them in a micro-step; what the layers see is (byte / 255 − mean) / std. */
export interface ImageInputRecord {
  readonly kind: "images";
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly batch: number;
  readonly mean: number;
  readonly std: number;
}

export interface HeadRecord {
  /** The next token at every position, or the label of each example from the mean over its positions. */
  readonly kind: "nextToken" | "label";
  readonly classes: number;
  /** The classifier is the token embedding. */
  readonly tied: boolean;
}

/** A model that a module defines, see `defineModel`. */
export interface DefinedModel {
  readonly kind: "defined";
  readonly name: string;
  readonly layerCount: number;
  /** SHA-256 of the layers' programs, hexadecimal. */
  readonly layers: string;
  /** Targets of one micro-step: tokens, or images. */
  readonly seqLen: number;
  readonly input: TokenInputRecord | ImageInputRecord;
  readonly head: HeadRecord;
  /** In the order of the arena. */
  readonly parameters: readonly ParameterRecord[];
}

export type ModelRecord = LlamaConfig | DefinedModel;

export function isDefined(model: ModelRecord): model is DefinedModel {
  return "kind" in model;
}

export function isLlama(model: ModelRecord): model is LlamaConfig {
  return !isDefined(model);
}

/** One parameter's place in the arena. */
export interface ArenaEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
  readonly decay: boolean;
}

export interface ArenaLayout {
  readonly total: number;
  readonly entries: readonly ArenaEntry[];
}

/** Where each parameter lies in the one fp32 arena of a model, without gaps. @throws ConfigError */
export function arenaLayout(model: ModelRecord): ArenaLayout {
  if (isLlama(model)) return parameterLayout(model);
  let total = 0;
  const entries = model.parameters.map(({ name, shape, decay }) => {
    const length = shape.reduce((product, dim) => product * dim, 1);
    const entry = { name, shape, offset: total, length, decay };
    total += length;
    return entry;
  });
  return { total, entries };
}

/** Classes that the model distinguishes: token ids, or labels. */
export function classCount(model: ModelRecord): number {
  return isLlama(model) ? model.vocabSize : model.head.classes;
}

export type ImageModel = DefinedModel & { readonly input: ImageInputRecord };

export function isImageModel(model: ModelRecord): model is ImageModel {
  return isDefined(model) && model.input.kind === "images";
}

/** What a text must fit. */
export type TextModel = Pick<LlamaConfig, "name" | "vocabSize">;

export function textModel(model: Exclude<ModelRecord, ImageModel>): TextModel {
  if (isLlama(model)) return model;
  return { name: model.name, vocabSize: (model.input as TokenInputRecord).vocabSize };
}
