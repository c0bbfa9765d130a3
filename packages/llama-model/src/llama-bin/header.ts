/**
 * The header of llama2.c's version-0 checkpoint (export.py, legacy_export): seven little-endian int32 — dim, hidden dim,
 * layers, heads, KV heads, vocabulary (negative: the classifier is not the embedding), sequence. After it, fp32: the
 * tensors in the order of `parameterLayout`, the RoPE tables before the classifier.
 */
import { type LlamaConfig, validateConfig } from "./config.js";
import { ConfigError, FormatError } from "./errors.js";
import { parameterLayout } from "./layout.js";

export const HEADER_BYTES = 28;

/** run.c has these two built in: the file does not say them. */
const NORM_EPS = 1e-5;
const ROPE_THETA = 10_000;

/** What else may lie under the name of a `.bin` file, by its first bytes. */
const FOREIGN: readonly { readonly magic: string; readonly name: string }[] = [
  { magic: "GGUF", name: "a GGUF file" },
  { magic: "PK\x03\x04", name: "a PyTorch checkpoint (zip)" },
  { magic: "version https", name: "a git-lfs pointer, not the file itself" },
];

/** Byte ranges of the parts of a file. */
export interface LlamaBinSizes {
  /** All tensors but an untied classifier. */
  readonly tensorBytes: number;
  /** Both RoPE tables, S · h elements together. */
  readonly tableBytes: number;
  /** 0 where embeddings are tied. */
  readonly classifierBytes: number;
  /** Of the whole file, header included. */
  readonly fileBytes: number;
}

export function llamaBinSizes(config: LlamaConfig): LlamaBinSizes {
  const classifierBytes = config.tiedEmbeddings ? 0 : config.vocabSize * config.dim * 4;
  const tensorBytes = parameterLayout(config).total * 4 - classifierBytes;
  const tableBytes = config.seqLen * config.headDim * 4;
  const fileBytes = HEADER_BYTES + tensorBytes + tableBytes + classifierBytes;
  return { tensorBytes, tableBytes, classifierBytes, fileBytes };
}

/**
 * @param bytes The first bytes of the file, up to HEADER_BYTES.
 * @throws FormatError for another format, a short header, or dims that no model has.
 */
export function parseHeader(path: string, bytes: Uint8Array, name: string): LlamaConfig {
  const foreign = foreignFormat(bytes);
  if (foreign) {
    throw new FormatError(
      path,
      `${path}: a checkpoint must be a llama2.c version 0 file, got ${foreign}. Export it with llama2.c's export.py --version 0.`,
    );
  }
  if (bytes.length < HEADER_BYTES) {
    throw new FormatError(
      path,
      `${path}: a llama2.c file must have a header of ${HEADER_BYTES} bytes, got ${bytes.length} bytes in all. Fetch the file again.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const field = (index: number) => view.getInt32(index * 4, true);
  const [dim, heads, vocabulary] = [field(0), field(3), field(5)];
  try {
    return validateConfig(
      {
        name,
        dim,
        hiddenDim: field(1),
        layers: field(2),
        heads,
        kvHeads: field(4),
        headDim: dim / heads,
        vocabSize: Math.abs(vocabulary),
        seqLen: field(6),
        normEps: NORM_EPS,
        ropeTheta: ROPE_THETA,
        tiedEmbeddings: vocabulary > 0,
      },
      path,
    );
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new FormatError(
      path,
      `${cause.message} This is not the header of a llama2.c version 0 file.`,
      { cause },
    );
  }
}

/** @throws ConfigError for what the format cannot say. */
export function formatHeader(config: LlamaConfig): Uint8Array {
  const rules: [field: keyof LlamaConfig, required: number][] = [
    ["headDim", config.dim / config.heads],
    ["normEps", NORM_EPS],
    ["ropeTheta", ROPE_THETA],
  ];
  for (const [field, required] of rules) {
    if (config[field] === required) continue;
    throw new ConfigError(
      field,
      `writeLlamaBin: a llama2.c version 0 file implies ${field} ${required}, got ${config[field]}. This model cannot be stored in that format.`,
    );
  }
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const { dim, hiddenDim, layers, heads, kvHeads, vocabSize, seqLen } = config;
  const vocabulary = config.tiedEmbeddings ? vocabSize : -vocabSize;
  const fields = [dim, hiddenDim, layers, heads, kvHeads, vocabulary, seqLen];
  for (const [index, value] of fields.entries()) view.setInt32(index * 4, value, true);
  return bytes;
}

/** llama2.c's later versions begin with "ak42" as a little-endian uint32 and the version. */
function foreignFormat(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes);
  if (text.startsWith("24ka") && bytes.length >= 8) {
    const version = new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true);
    const kind = { 1: " (fp32)", 2: " (int8, Q8_0)" }[version] ?? "";
    return `a llama2.c version ${version} file${kind}`;
  }
  return FOREIGN.find(({ magic }) => text.startsWith(magic))?.name;
}
