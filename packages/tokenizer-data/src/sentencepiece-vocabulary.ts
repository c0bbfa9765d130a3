// From a SentencePiece model to the vocabulary that llama2.c's tokenizer.bin would hold, where it is a model of Llama's kind.

import { FormatError } from "./errors.js";
import type { SentencePiece, SentencePieceModel } from "./sentencepiece-model.js";
import {
  BOS_ID,
  bytePieceName,
  EOS_ID,
  FIRST_BYTE_ID,
  FIRST_TEXT_ID,
  UNKNOWN_ID,
  type Vocabulary,
} from "./vocabulary.js";

const REMEDY =
  "Encode the text with SentencePiece itself, and write the ids as little-endian uint16: a token file.";

/**
 * @param path Appears in error messages.
 * @throws FormatError for a model that is not BPE with byte fallback and Llama's ids (unknown 0, BOS 1, EOS 2, bytes from 3 on,
 * then text), for one that replaces characters or adds no space in front, and for scores and pieces that tokenizer.bin refuses.
 */
export function sentencePieceVocabulary(model: SentencePieceModel, path: string): Vocabulary {
  const refuse = (offset: number, rule: string): never => {
    throw new FormatError(path, offset, `${rule}. ${REMEDY}`);
  };
  const rules: readonly (readonly [holds: boolean, rule: string])[] = [
    [model.type === "bpe", `the model must be BPE, got ${model.type}`],
    [model.byteFallback, "the model must have byte fallback, got none"],
    [
      model.unknownId === UNKNOWN_ID && model.bosId === BOS_ID && model.eosId === EOS_ID,
      `unknown, BOS and EOS must be 0, 1, 2, got ${model.unknownId}, ${model.bosId}, ${model.eosId}`,
    ],
    [
      !model.replacesCharacters,
      `the normalizer must leave characters alone, got ${model.normalizer}`,
    ],
    [model.addsDummyPrefix, "texts must get a space in front, got a model that adds none"],
    [model.hasLeadingSpaces, "spaces must be U+2581 and begin pieces, got another model"],
    [
      model.pieces.length >= FIRST_TEXT_ID,
      `at least ${FIRST_TEXT_ID} pieces are needed, got ${model.pieces.length}`,
    ],
  ];
  for (const [holds, rule] of rules) if (!holds) refuse(0, rule);

  const idOf = new Map<string, number>();
  const pieces = model.pieces.map(({ text, score, type, offset }, id) => {
    const expected = expectedType(id);
    const isByte = id >= FIRST_BYTE_ID && id < FIRST_TEXT_ID;
    if (type !== expected || (isByte && text !== bytePieceName(id - FIRST_BYTE_ID))) {
      const name = isByte ? ` ${bytePieceName(id - FIRST_BYTE_ID)}` : "";
      refuse(offset, `piece ${id} must be ${expected}${name}, got ${type} ${JSON.stringify(text)}`);
    }
    if (!Number.isFinite(score))
      refuse(offset, `piece ${id}: the score must be finite, got ${score}`);
    const piece = text.replaceAll("\u2581", " ");
    const earlier = idOf.get(piece);
    if (earlier !== undefined) {
      refuse(
        offset,
        `every piece occurs once, got ${JSON.stringify(piece)} as ${earlier} and ${id}`,
      );
    }
    idOf.set(piece, id);
    return piece;
  });
  return {
    pieces,
    scores: Float32Array.from(model.pieces, ({ score }) => score),
    maxTokenLength: pieces.reduce((most, piece) => Math.max(most, Buffer.byteLength(piece)), 0),
    removesExtraSpaces: model.removesExtraSpaces,
  };
}

function expectedType(id: number): SentencePiece["type"] {
  if (id === UNKNOWN_ID) return "unknown";
  if (id < FIRST_BYTE_ID) return "control";
  return id < FIRST_TEXT_ID ? "byte" : "normal";
}
