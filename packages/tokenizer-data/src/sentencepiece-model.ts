// Reader of SentencePiece's .model files: a ModelProto of pieces, how it was trained, how it normalizes text
// (field numbers, enums and defaults: sentencepiece_model.proto of google/sentencepiece).

import { FormatError } from "./errors.js";
import { type ProtoField, protoFields } from "./proto-fields.js";

const PIECE_TYPES = ["normal", "unknown", "control", "user-defined", "unused", "byte"] as const;
const MODEL_TYPES = ["unigram", "bpe", "word", "char"] as const;

/** A piece of a SentencePiece model; a space in `text` is U+2581. */
export interface SentencePiece {
  readonly text: string;
  readonly score: number;
  readonly type: (typeof PIECE_TYPES)[number];
  /** Where it begins in the file. */
  readonly offset: number;
}

/** What a SentencePiece .model file holds. */
export interface SentencePieceModel {
  readonly type: (typeof MODEL_TYPES)[number];
  readonly pieces: readonly SentencePiece[];
  /** Ids; -1: there is none. */
  readonly unknownId: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly padId: number;
  /** Characters outside the vocabulary are UTF-8 bytes, not the unknown id. */
  readonly byteFallback: boolean;
  /** Such as "identity" and "nmt_nfkc". */
  readonly normalizer: string;
  /** The normalizer replaces characters. */
  readonly replacesCharacters: boolean;
  /** Texts get a space in front. */
  readonly addsDummyPrefix: boolean;
  /** Of several spaces one is left, none at the ends. */
  readonly removesExtraSpaces: boolean;
  /** A space is U+2581, at the beginning of a piece. */
  readonly hasLeadingSpaces: boolean;
}

/** True for a file that begins as a ModelProto does: with a piece of a text (field 1) and a score (field 2, a float). */
export function isSentencePieceModel(bytes: Uint8Array): boolean {
  return bytes[0] === 0x0a && bytes[2] === 0x0a && bytes[4 + (bytes[3] ?? 0)] === 0x15;
}

/**
 * What the bytes of a .model file say, of whatever kind the model is; `path` appears in error messages.
 * @throws FormatError for bytes that are no ModelProto
 */
export function parseSentencePieceModel(bytes: Uint8Array, path: string): SentencePieceModel {
  const pieces: SentencePiece[] = [];
  // Of each: the last value of each field. Defaults are the proto's.
  let trainer: ReturnType<typeof valuesOf> | undefined;
  let normalizer: ReturnType<typeof valuesOf> | undefined;
  for (const { number, value, offset } of protoFields(bytes, path)) {
    if (typeof value === "number") continue;
    if (number === 1) pieces.push(parsePiece(value, path, offset, pieces.length));
    else if (number === 2) trainer = valuesOf(value, path, offset);
    else if (number === 3) normalizer = valuesOf(value, path, offset);
  }
  if (pieces.length === 0 || trainer === undefined || normalizer === undefined) {
    throw new FormatError(
      path,
      bytes.length,
      `a SentencePiece model has pieces, trainer_spec and normalizer_spec, got ${pieces.length} pieces` +
        `${trainer === undefined ? ", no trainer_spec" : ""}. The file is cut short, or is no SentencePiece model.`,
    );
  }
  const typeNumber = integer(trainer.get(3), 1);
  const type = MODEL_TYPES[typeNumber - 1];
  if (type === undefined) {
    const rule = `a SentencePiece model is of type 1..4, got ${typeNumber}`;
    throw new FormatError(path, 0, `${rule}. Is this a SentencePiece model?`);
  }
  const charsMap = normalizer.get(2);
  const isEscaped = integer(normalizer.get(5), 1) !== 0;
  const name = normalizer.get(1);
  return {
    type,
    pieces,
    unknownId: integer(trainer.get(40), 0),
    bosId: integer(trainer.get(41), 1),
    eosId: integer(trainer.get(42), 2),
    padId: integer(trainer.get(43), -1),
    byteFallback: integer(trainer.get(35), 0) !== 0,
    normalizer: name instanceof Uint8Array ? Buffer.from(name).toString("utf8") : "",
    replacesCharacters: charsMap instanceof Uint8Array && charsMap.length > 0,
    addsDummyPrefix: integer(normalizer.get(3), 1) !== 0,
    removesExtraSpaces: integer(normalizer.get(4), 1) !== 0,
    hasLeadingSpaces: isEscaped && integer(trainer.get(24), 0) === 0,
  };
}

function parsePiece(message: Uint8Array, path: string, start: number, id: number): SentencePiece {
  const values = valuesOf(message, path, start);
  const fail = (rule: string): never => {
    throw new FormatError(path, start, `piece ${id}: ${rule}. Fetch the file again.`);
  };
  const [text, score] = [values.get(1), values.get(2)];
  const type = PIECE_TYPES[integer(values.get(3), 1) - 1];
  if (!(text instanceof Uint8Array) || text.length === 0) return fail("must have a text, got none");
  if (type === undefined) return fail(`its type must be 1..6, got ${String(values.get(3))}`);
  try {
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text),
      score:
        score instanceof Uint8Array && score.length === 4
          ? new DataView(score.buffer, score.byteOffset).getFloat32(0, true)
          : 0,
      type,
      offset: start,
    };
  } catch {
    return fail(`its text must be UTF-8, got ${Buffer.from(text).toString("hex")}`);
  }
}

function valuesOf(message: Uint8Array, path: string, start: number) {
  const values = new Map<number, ProtoField["value"]>();
  for (const { number, value } of protoFields(message, path, start)) values.set(number, value);
  return values;
}

function integer(value: ProtoField["value"] | undefined, preset: number): number {
  return typeof value === "number" ? value : preset;
}
