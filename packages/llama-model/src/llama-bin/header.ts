/**
 * The headers of llama2.c's checkpoints (export.py), little-endian. Version 0 is seven int32 alone: dim, hidden dim, layers,
 * heads, KV heads, vocabulary (negative: the classifier is not the embedding), sequence. Versions 1 (fp32) and 2 (Q8_0) are
 * 256 bytes: "ak42" as uint32, the version, the same seven with a positive vocabulary, a byte for tied embeddings and, in
 * version 2, the group size as int32.
 */
import { type LlamaConfig, validateConfig } from "../config.js";
import { ConfigError, FormatError } from "../errors.js";

/** 0: fp32 for run.c; 1: fp32; 2: int8 in groups (Q8_0) for runq.c. */
export type LlamaBinVersion = 0 | 1 | 2;

export interface LlamaBinHeader {
  readonly version: LlamaBinVersion;
  readonly config: LlamaConfig;
  /** Elements that share a scale; 0 for the fp32 versions. */
  readonly groupSize: number;
}

/** Bytes before the tensors. */
export const HEADER_BYTES: Record<LlamaBinVersion, number> = { 0: 28, 1: 256, 2: 256 };

const MAGIC = 0x616b3432;
/** Offsets in the headers of versions 1 and 2. */
const FIELDS_AT = 8;
const TIED_AT = FIELDS_AT + 7 * 4;
const GROUP_SIZE_AT = TIED_AT + 1;

/** run.c has these two built in: the file does not say them. */
const NORM_EPS = 1e-5;
const ROPE_THETA = 10_000;

/** What else may lie under the name of a `.bin` file, by its first bytes. */
const FOREIGN: readonly { readonly magic: string; readonly name: string }[] = [
  { magic: "GGUF", name: "a GGUF file" },
  { magic: "PK\x03\x04", name: "a PyTorch checkpoint (zip)" },
  { magic: "version https", name: "a git-lfs pointer, not the file itself" },
];

/**
 * @param bytes The first bytes of the file, 256 or as many as it has.
 * @param name Of the model: no version stores one.
 * @throws FormatError for another format, a short header, or dims that no model has.
 */
export function parseHeader(path: string, bytes: Uint8Array, name: string): LlamaBinHeader {
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  const foreign = FOREIGN.find(({ magic }) => text.startsWith(magic));
  if (foreign) {
    throw new FormatError(
      path,
      `${path}: a checkpoint must be a llama2.c file, got ${foreign.name}. Export it with llama2.c's export.py.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasMagic = bytes.length >= FIELDS_AT && view.getUint32(0, true) === MAGIC;
  const version = hasMagic ? view.getInt32(4, true) : 0;
  if (version !== 0 && version !== 1 && version !== 2) {
    throw new FormatError(
      path,
      `${path}: the version of a llama2.c file must be 0, 1 or 2, got ${version}. Export it with --version 0, 1 or 2.`,
    );
  }
  if (bytes.length < HEADER_BYTES[version]) {
    throw new FormatError(
      path,
      `${path}: a llama2.c file must have a header of ${HEADER_BYTES[version]} bytes, got ${bytes.length} bytes in all. Fetch the file again.`,
    );
  }
  if (version !== 0) expectNothingElse(path, bytes, version);
  const config = parseConfig(path, view, version, name);
  const groupSize = version === 2 ? view.getInt32(GROUP_SIZE_AT, true) : 0;
  const { dim: D, hiddenDim: F } = config;
  if (version === 2 && !(groupSize > 0 && D % groupSize === 0 && F % groupSize === 0)) {
    throw new FormatError(
      path,
      `${path}: the group size of a version 2 file must divide its dim ${D} and hiddenDim ${F}, got ${groupSize}. Fetch the file again.`,
    );
  }
  return { version, config, groupSize };
}

/** The flag is 0 or 1, and what follows the fields is zero. */
function expectNothingElse(path: string, bytes: Uint8Array, version: 1 | 2): void {
  const padding = version === 2 ? GROUP_SIZE_AT + 4 : GROUP_SIZE_AT;
  const isPadding = (at: number) => at >= padding && at < HEADER_BYTES[version];
  const wrong = bytes.findIndex(
    (byte, at) => byte > (at === TIED_AT ? 1 : isPadding(at) ? 0 : 255),
  );
  if (wrong < 0) return;
  const rule = wrong === TIED_AT ? "0 or 1 (tied embeddings)" : "0";
  throw new FormatError(
    path,
    `${path}: byte ${wrong} of a version ${version} header must be ${rule}, got ${bytes[wrong]}. Fetch the file again.`,
  );
}

function parseConfig(path: string, view: DataView, version: LlamaBinVersion, name: string) {
  const start = version === 0 ? 0 : FIELDS_AT;
  const field = (index: number) => view.getInt32(start + index * 4, true);
  const [dim, heads, vocabulary] = [field(0), field(3), field(5)];
  const config: LlamaConfig = {
    name,
    dim,
    hiddenDim: field(1),
    layers: field(2),
    heads,
    kvHeads: field(4),
    headDim: dim / heads,
    vocabSize: version === 0 ? Math.abs(vocabulary) : vocabulary,
    seqLen: field(6),
    normEps: NORM_EPS,
    ropeTheta: ROPE_THETA,
    tiedEmbeddings: version === 0 ? vocabulary > 0 : view.getUint8(TIED_AT) !== 0,
    qkNorm: false,
    logitSoftcap: 0,
  };
  try {
    return validateConfig(config, path);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new FormatError(
      path,
      `${cause.message} This is not the header of a llama2.c version ${version} file.`,
      { cause },
    );
  }
}

/** @throws ConfigError for what the format cannot say. */
export function formatHeader({ version, config, groupSize }: LlamaBinHeader): Uint8Array {
  expectExpressible(config);
  const bytes = new Uint8Array(HEADER_BYTES[version]);
  const view = new DataView(bytes.buffer);
  const { dim, hiddenDim, layers, heads, kvHeads, vocabSize, seqLen, tiedEmbeddings } = config;
  const vocabulary = version === 0 && !tiedEmbeddings ? -vocabSize : vocabSize;
  const fields = [dim, hiddenDim, layers, heads, kvHeads, vocabulary, seqLen];
  const start = version === 0 ? 0 : FIELDS_AT;
  for (const [index, value] of fields.entries()) view.setInt32(start + index * 4, value, true);
  if (version === 0) return bytes;
  view.setUint32(0, MAGIC, true);
  view.setInt32(4, version, true);
  view.setUint8(TIED_AT, tiedEmbeddings ? 1 : 0);
  if (version === 2) view.setInt32(GROUP_SIZE_AT, groupSize, true);
  return bytes;
}

/** Where another format would not do. */
const REMEDIES: Partial<Record<keyof LlamaConfig, string>> = {
  logitSoftcap: "Export this model as mlpackage.",
};

function expectExpressible(config: LlamaConfig): void {
  const rules: [field: keyof LlamaConfig, required: number | boolean][] = [
    ["headDim", config.dim / config.heads],
    ["normEps", NORM_EPS],
    ["ropeTheta", ROPE_THETA],
    ["qkNorm", false],
    ["logitSoftcap", 0],
  ];
  for (const [field, required] of rules) {
    if (config[field] === required) continue;
    throw new ConfigError(
      field,
      `writeLlamaBin: a llama2.c file implies ${field} ${required}, got ${config[field]}. ${REMEDIES[field] ?? "Export this model as safetensors."}`,
    );
  }
}
