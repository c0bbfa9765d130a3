// A SentencePiece .model file from a vocabulary: the other direction of what the package reads.

import { BOS_ID, FIRST_BYTE_ID, FIRST_TEXT_ID, type Vocabulary } from "../src/vocabulary.js";

const PIECE_TYPES = { normal: 1, unknown: 2, control: 3, "user-defined": 4, byte: 6 } as const;
const CONTROL_PIECES = ["<unk>", "<s>", "</s>"];

export interface ModelSettings {
  readonly modelType?: number;
  readonly byteFallback?: boolean;
  readonly bosId?: number;
  readonly charsMap?: string;
  readonly addsDummyPrefix?: boolean;
  readonly removesExtraSpaces?: boolean;
  readonly suffixSpaces?: boolean;
  /** In place of a piece's own. */
  readonly typeOf?: (id: number) => keyof typeof PIECE_TYPES | undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  // Negative int32 are sign-extended to ten bytes.
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.of(...bytes, Number(rest));
}

const number = (field: number, value: number) => Buffer.concat([varint(field << 3), varint(value)]);

function bytes(field: number, content: Uint8Array | string): Buffer {
  const data = Buffer.from(content);
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
}

function float(field: number, value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), data]);
}

/** The vocabulary, as SentencePiece would have stored it. */
export function sentencePieceFile(vocabulary: Vocabulary, settings: ModelSettings = {}): Buffer {
  const pieces = vocabulary.pieces.map((piece, id) => {
    const own = id === 0 ? "unknown" : id < FIRST_BYTE_ID ? "control" : "normal";
    const isByte = id >= FIRST_BYTE_ID && id < FIRST_TEXT_ID;
    const type = settings.typeOf?.(id) ?? (isByte ? "byte" : own);
    return bytes(
      1,
      Buffer.concat([
        bytes(1, CONTROL_PIECES[id] ?? piece.replaceAll(" ", "\u2581")),
        float(2, vocabulary.scores[id]!),
        // The default is left out, as proto2 may.
        ...(type === "normal" ? [] : [number(3, PIECE_TYPES[type])]),
      ]),
    );
  });
  const trainer = [
    number(3, settings.modelType ?? 2),
    number(24, settings.suffixSpaces ? 1 : 0),
    number(35, settings.byteFallback === false ? 0 : 1),
    number(41, settings.bosId ?? BOS_ID),
    number(43, -1),
  ];
  const normalizer = [
    bytes(1, settings.charsMap === undefined ? "identity" : "nmt_nfkc"),
    bytes(2, settings.charsMap ?? ""),
    number(3, settings.addsDummyPrefix === false ? 0 : 1),
    number(4, settings.removesExtraSpaces ? 1 : 0),
  ];
  return Buffer.concat([
    ...pieces,
    bytes(2, Buffer.concat(trainer)),
    bytes(3, Buffer.concat(normalizer)),
  ]);
}
