/**
 * The checkpoint format, little-endian: magic "ANECKPT\0", uint32 version, uint32 length of the header, the header (JSON,
 * padded with spaces so that the sections start on a multiple of 64), the sections (fp32), SHA-256 of all before it.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { writeAtomically } from "./atomic-file.js";
import type { ModelRecord } from "./model-record.js";

const MAGIC = "ANECKPT\0";
const VERSION = 2;
const PREFIX_BYTES = 16;
const DIGEST_BYTES = 32;
const MAX_HEADER_BYTES = 1 << 20;
const ALIGNMENT = 64;
/** Hashed and copied at once: stays in the cache between the two. */
const PIECE_BYTES = 1 << 20;

export type SectionName = "parameters" | "firstMoment" | "secondMoment" | "gradients";

export interface CheckpointHeader {
  readonly model: ModelRecord;
  /** SHA-256 of the run's recipe, hexadecimal. */
  readonly recipe: string;
  readonly step: number;
  readonly updates: number;
  /** Elements of each section. */
  readonly length: number;
  /** In file order; gradients only where the step is in the middle of an update, moments only where training can go on. */
  readonly sections: readonly SectionName[];
  /** What the recipe carries from update to update besides the moments. */
  readonly counters: readonly number[];
  /** The held-out loss of the parameters, where they are kept for it. */
  readonly validation?: Validation;
}

export interface Validation {
  /** Natural-log loss, nats per token. */
  readonly meanNll: number;
  readonly windows: number;
  /** SHA-256 of the held-out file, in hexadecimal. */
  readonly data: string;
}

/** Sections by name, each [header.length]. */
export type Sections = Readonly<Partial<Record<SectionName, Float32Array>>>;

/** Why a file is not the checkpoint that it should be; the message is the reason alone. */
export class CheckpointDamage extends Error {}

/** Writes straight from the sections, atomically. @returns Bytes written. @throws The system's error. */
export function writeCheckpointFile(
  path: string,
  header: CheckpointHeader,
  sections: Sections,
): number {
  return writeAtomically(path, (append) => {
    const hash = createHash("sha256");
    const put = (piece: Uint8Array) => {
      hash.update(piece);
      append(piece);
    };
    put(encodeHeader(header));
    for (const name of header.sections) for (const piece of pieces(sections[name]!)) put(piece);
    append(hash.digest());
  });
}

/**
 * Reads the sections that `target` gives memory for (the others are checked and passed over), then compares the digest:
 * where it throws, the memory holds rubbish.
 * @throws CheckpointDamage, the system's error, or what `target` throws
 */
export function readCheckpointFile(
  path: string,
  target: (header: CheckpointHeader) => Sections,
): CheckpointHeader {
  const file = openSync(path, "r");
  try {
    const hash = createHash("sha256");
    const header = readHeader(file, hash);
    const sections = target(header);
    const spare = new Uint8Array(PIECE_BYTES);
    for (const name of header.sections) {
      const wanted = sections[name];
      if (wanted) {
        for (const piece of pieces(wanted)) readFully(file, piece, hash);
      } else {
        const bytes = header.length * Float32Array.BYTES_PER_ELEMENT;
        for (let left = bytes; left > 0; left -= PIECE_BYTES) {
          readFully(file, spare.subarray(0, Math.min(left, PIECE_BYTES)), hash);
        }
      }
    }
    const computed = hash.digest();
    const stored = new Uint8Array(DIGEST_BYTES);
    readFully(file, stored);
    if (computed.compare(stored) !== 0) throw new CheckpointDamage("its SHA-256 is wrong");
    return header;
  } finally {
    closeSync(file);
  }
}

/** The header alone, with the file's length compared. @throws CheckpointDamage, the system's error */
export function readCheckpointHeader(path: string): CheckpointHeader {
  const file = openSync(path, "r");
  try {
    return readHeader(file, createHash("sha256"));
  } finally {
    closeSync(file);
  }
}

function encodeHeader(header: CheckpointHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const end = Math.ceil((PREFIX_BYTES + json.length) / ALIGNMENT) * ALIGNMENT;
  const bytes = Buffer.alloc(end, " ");
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(end - PREFIX_BYTES, 12);
  json.copy(bytes, PREFIX_BYTES);
  return bytes;
}

function readHeader(file: number, hash: Hash): CheckpointHeader {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  readFully(file, prefix, hash);
  if (prefix.toString("latin1", 0, MAGIC.length) !== MAGIC) {
    throw new CheckpointDamage("it does not begin like a checkpoint");
  }
  const version = prefix.readUInt32LE(8);
  if (version !== VERSION) {
    throw new CheckpointDamage(`it is of version ${version}, this program reads ${VERSION}`);
  }
  const headerBytes = prefix.readUInt32LE(12);
  if (headerBytes > MAX_HEADER_BYTES) throw new CheckpointDamage("its header is damaged");
  const json = Buffer.alloc(headerBytes);
  readFully(file, json, hash);
  const header = parseHeader(json.toString("utf8"));
  const sectionBytes = header.length * Float32Array.BYTES_PER_ELEMENT;
  const expected =
    PREFIX_BYTES + headerBytes + header.sections.length * sectionBytes + DIGEST_BYTES;
  const actual = fstatSync(file).size;
  if (actual !== expected) {
    throw new CheckpointDamage(`it must have ${expected} bytes, got ${actual}`);
  }
  return header;
}

function parseHeader(text: string): CheckpointHeader {
  try {
    const header = JSON.parse(text) as Partial<CheckpointHeader> | null;
    if (
      Number.isSafeInteger(header?.length) &&
      Number.isSafeInteger(header?.step) &&
      Number.isSafeInteger(header?.updates) &&
      Array.isArray(header?.sections) &&
      Array.isArray(header?.counters)
    ) {
      return header as CheckpointHeader;
    }
  } catch {
    // Not JSON: damaged, like JSON without the fields.
  }
  throw new CheckpointDamage("its header is damaged");
}

function readFully(file: number, target: Uint8Array, hash?: Hash): void {
  for (let done = 0; done < target.length; ) {
    const count = readSync(file, target, done, target.length - done, null);
    if (count === 0) throw new CheckpointDamage("it ends too early");
    done += count;
  }
  hash?.update(target);
}

/** The bytes of a section, which can be more than one array of bytes can be: in Node.js 20 that is 4 GiB. */
function* pieces(section: Float32Array): Generator<Uint8Array> {
  const elements = PIECE_BYTES / Float32Array.BYTES_PER_ELEMENT;
  for (let start = 0; start < section.length; start += elements) {
    const piece = section.subarray(start, start + elements);
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
}
