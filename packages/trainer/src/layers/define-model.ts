/**
 * A model: what it is given, a list of layers, and how its loss is made. The embedding, the classifier, the loss and the streams
 * between the layers are fp32 on the CPU; the layers are the device's.
 */
import type { DefinedModel, ImageInputRecord, TokenInputRecord } from "../model-record.js";
import { DefinitionError } from "./definition-error.js";
import type { ImageInput, ModelOptions, TokenInput } from "./model-options.js";
import { digestLayers, type PlacedLayer, placeLayers, type Shape } from "./placed-layer.js";
import { recordParameters } from "./record-parameters.js";

/** A checked model: what a module that `--model` names exports as its default. */
export interface ModelDefinition {
  readonly type: "ane-model";
  readonly record: DefinedModel;
  /** The layers, each where it stands. */
  readonly layers: readonly PlacedLayer[];
}

/** Defines a model. @throws DefinitionError naming the layer, its parameter and the shapes that do not fit. */
export function defineModel(options: ModelOptions): ModelDefinition {
  const { name, layers } = options;
  if (typeof name !== "string" || name === "" || /[\\/]/.test(name)) {
    throw new DefinitionError(
      "model",
      `the name must be a text without slashes, got ${JSON.stringify(name)}. Name it.`,
    );
  }
  const where = `model "${name}"`;
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new DefinitionError(where, "layers must be a list of at least one, got none. Add one.");
  }
  expectKind(where, "input", options.input?.kind, ["tokens", "images"]);
  expectKind(where, "head", options.head?.kind, ["nextToken", "label"]);
  const input = recordInput(where, options.input);
  const placed = placeLayers(where, layers, shapeOf(input, options.input), input.kind === "tokens");
  const last = placed.at(-1)!.outputShape;
  const head = recordHead(where, options, last);
  const record: DefinedModel = {
    kind: "defined",
    name,
    layerCount: placed.length,
    layers: digestLayers(placed),
    seqLen: options.input.kind === "tokens" ? options.input.length : options.input.batch,
    input,
    head,
    parameters: recordParameters(input, options.input, placed, head, last),
  };
  return { type: "ane-model", record, layers: placed };
}

function expectKind(where: string, field: string, kind: unknown, kinds: readonly string[]): void {
  if (kinds.includes(kind as string)) return;
  throw new DefinitionError(
    where,
    `the ${field}'s kind must be "${kinds.join('" or "')}", got ${JSON.stringify(kind)}. Choose one.`,
  );
}

function recordInput(
  where: string,
  input: TokenInput | ImageInput,
): TokenInputRecord | ImageInputRecord {
  const counts: Record<string, unknown> =
    input.kind === "tokens"
      ? { vocabulary: input.vocabulary, dim: input.dim, length: input.length }
      : {
          batch: input.batch,
          channels: input.shape[0],
          height: input.shape[1],
          width: input.shape[2],
        };
  for (const [field, value] of Object.entries(counts)) {
    if (Number.isSafeInteger(value) && (value as number) > 0) continue;
    throw new DefinitionError(
      where,
      `the input's ${field} must be a positive integer, got ${String(value)}. Give a count.`,
    );
  }
  if (input.kind === "tokens") {
    const { vocabulary: vocabSize, dim, length, positions } = input;
    if (length % 32 !== 0) {
      throw new DefinitionError(
        where,
        `the input's length must be a multiple of 32, got ${length}. A row of a surface fills whole 64-byte lines.`,
      );
    }
    return { kind: "tokens", vocabSize, dim, positions: positions === "learned" };
  }
  const { shape, batch, mean = 0.5, std = 0.5 } = input;
  return { kind: "images", shape, batch, mean, std };
}

function shapeOf(
  record: TokenInputRecord | ImageInputRecord,
  input: TokenInput | ImageInput,
): Shape {
  if (input.kind === "tokens") return [1, input.dim, 1, input.length];
  return [input.batch, ...(record as ImageInputRecord).shape];
}

function recordHead(
  where: string,
  { input, head }: ModelOptions,
  last: Shape,
): DefinedModel["head"] {
  if (head.kind === "nextToken") {
    if (input.kind !== "tokens") {
      throw new DefinitionError(where, 'the head of images must be "label", got "nextToken".');
    }
    const tied = head.classifier !== "untied";
    const [n, D, h, S] = last;
    const isText = n === 1 && h === 1 && S === input.length && (!tied || D === input.dim);
    if (!isText) {
      throw new DefinitionError(
        where,
        `the last layer must give [1, ${tied ? input.dim : "D"}, 1, ${input.length}] to the head, got [${last.join(", ")}]. ` +
          (tied ? 'Make it so, or choose the classifier "untied".' : "Make it so."),
      );
    }
    return { kind: "nextToken", classes: input.vocabulary, tied };
  }
  if (input.kind !== "images") {
    throw new DefinitionError(where, 'the head of text must be "nextToken", got "label".');
  }
  if (last[0] !== input.batch) {
    throw new DefinitionError(
      where,
      `the last layer must give [${input.batch}, C, H, W] to the head, got [${last.join(", ")}]. Keep the batch apart.`,
    );
  }
  if (!Number.isSafeInteger(head.classes) || head.classes < 2 || head.classes > 256) {
    throw new DefinitionError(
      where,
      `the head's classes must be from 2 to 256, got ${head.classes}. Labels are bytes.`,
    );
  }
  return { kind: "label", classes: head.classes, tied: false };
}
