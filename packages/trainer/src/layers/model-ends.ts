/** What stands before the layers of a model and behind them. */
import type { CompactVocabulary } from "../compact-vocabulary.js";
import type { Embedding } from "../micro-step.js";
import type { StepCounters } from "../step-counters.js";
import { TokenClassifier } from "../token-classifier.js";
import { TokenEmbedding } from "../token-embedding.js";
import type { Precision, WeightGradients } from "../weight-gradients.js";
import type { Views } from "./arena-views.js";
import type { ModelDefinition } from "./define-model.js";
import { ImageEmbedding } from "./image-embedding.js";
import { LabelHead } from "./label-head.js";
import { BIAS, CLASSIFIER, POSITIONS, TABLE } from "./record-parameters.js";

export interface ModelEnds {
  readonly embedding: Embedding;
  readonly head: TokenClassifier | LabelHead;
}

export interface ModelEndsOptions {
  readonly parameters: Views;
  readonly gradients: Views;
  readonly weightGradients: WeightGradients;
  readonly counters: StepCounters;
  readonly precision: Precision;
  readonly zLoss: number;
  /** The classes of the loss of text; default: all. */
  readonly vocabulary: CompactVocabulary | undefined;
}

export function createEnds(
  { record, layers }: ModelDefinition,
  { parameters, gradients, vocabulary, ...common }: ModelEndsOptions,
): ModelEnds {
  const [N, C, H, W] = layers.at(-1)!.outputShape;
  const { input, head, seqLen: S } = record;
  if (input.kind === "images") {
    const tables = (views: Views) => ({ classifier: views(CLASSIFIER)!, bias: views(BIAS)! });
    const ends = { parameters: tables(parameters), gradients: tables(gradients) };
    return {
      embedding: new ImageEmbedding(),
      head: new LabelHead({ ...common, ...ends, N, C, P: H * W }),
    };
  }
  const tables = (views: Views) => ({ table: views(TABLE)!, positions: views(POSITIONS) });
  const classifier = head.tied ? TABLE : CLASSIFIER;
  const [table, dTable] = [parameters(classifier)!, gradients(classifier)!];
  return {
    embedding: new TokenEmbedding(tables(parameters), tables(gradients), input.dim),
    head: new TokenClassifier({ ...common, table, dTable, D: C, S, vocabulary }),
  };
}

/** Names of the parameters of both, whose gradients no single product overwrites. */
export function addedAtEnds({ head }: ModelDefinition["record"]): readonly string[] {
  if (head.kind === "label") return [CLASSIFIER, BIAS];
  return head.tied ? [POSITIONS] : [TABLE, POSITIONS];
}
