/** Rules about references to weight files. The files themselves are checked by `diagnoseBlobFile`. */
import { DTYPES } from "../../dtype.js";
import type { BlobReference } from "../../program.js";
import { formatType } from "../../tensor-type.js";
import { blobRule, type Finding, operationRule, type Rule } from "../rule.js";
import { bytesOf, resultType, singleType } from "../scope.js";

const FORMAT = "coremltools MILBlob StorageFormat.hpp";
const BENCH_CHANNELS_M3 = 512;

const WEIGHT_FILE = blobRule({
  id: "weight-file",
  statement: 'weights lie at "@model_path/…", at a positive offset that is a multiple of 64',
  status: "language",
  evidence: `${FORMAT}; Orion #8: a wrong offset gives garbage silently`,
  remedy: "Give the offset of the blob's metadata; it is 64 for the first blob of a file.",
  broken({ path, offset }) {
    const isRight = path.startsWith("@model_path/") && offset > 0 && offset % 64 === 0;
    return isRight ? undefined : `"${path}" at ${offset}`;
  },
});

const WEIGHT_DTYPE = blobRule({
  id: "weight-dtype",
  statement: "weights in files have a dtype that the format can store",
  status: "language",
  evidence: "coremltools MILBlob BlobDataType.hpp",
  remedy: "Write the constant into the program.",
  broken: ({ type }) => (DTYPES[type.dtype].blobCode === undefined ? formatType(type) : undefined),
});

const WEIGHT_CONFLICT: Rule = {
  id: "weight-conflict",
  statement: "a blob is read with one dtype and size",
  status: "language",
  evidence: `${FORMAT}: metadata give one dtype and one size`,
  remedy: "Correct the offset or the type.",
  *check(scope) {
    const seen = new Map<string, BlobReference>();
    for (const [operation, blob] of scope.blobs) {
      const place = `${blob.path} at ${blob.offset}`;
      const { type } = seen.get(place) ?? blob;
      seen.set(place, blob);
      if (type.dtype !== blob.type.dtype || bytesOf(type) !== bytesOf(blob.type)) {
        const actual = `${formatType(type)} and ${formatType(blob.type)} at ${blob.offset}`;
        yield { where: scope.whereIs(operation), actual } satisfies Finding;
      }
    }
  },
};

const ONE_BLOB = blobRule({
  id: "one-blob-per-file",
  statement: "every weight has a file of its own, at offset 64",
  status: "agreed",
  evidence: "maderix/ANE pull request 6 and ANE_BENCHMARK_REPORT.md",
  remedy: "Write each blob to its own file.",
  chips: ["m1", "m2"],
  broken: ({ offset }) => (offset === 64 ? undefined : `offset ${offset}`),
});

const SINGLE_FILE_CHANNELS: Rule = {
  id: "single-file-channels",
  statement: `a program with one weight file convolves ${BENCH_CHANNELS_M3} channels`,
  status: "conflicting",
  evidence:
    "maderix/ANE issue 42: its benchmarks with one weight file compile on M3 for 512 channels only; its training kernels of 768 and 2048 channels, with a file per weight, do compile",
  remedy: "Write each weight to its own file.",
  chips: ["m3"],
  *check(scope) {
    const { operations } = scope;
    const paths = new Set(scope.blobs.map(([, { path }]) => path));
    if (paths.size !== 1 || scope.blobs.length < 2) return;
    for (const operation of operations) {
      if (operation.type !== "conv") continue;
      const channels = [singleType(operation.inputs.x), resultType(operation)].map(
        (type) => type?.shape[1],
      );
      if (channels.some((count) => count !== BENCH_CHANNELS_M3)) {
        yield { where: scope.whereIs(operation), actual: channels.join(" to ") };
      }
    }
  },
};

const INT8_WEIGHTS_M3 = operationRule({
  id: "int8-weights-m3",
  statement: "int8 weights are not expanded by constexpr_affine_dequantize",
  status: "single report",
  evidence: "Espresso: broken on M3 Max, fine on M4",
  remedy: "Keep the weight in fp16.",
  chips: ["m3"],
  ops: ["constexpr_affine_dequantize"],
  broken({ attributes, inputs }) {
    const data = attributes.quantized_data?.type ?? singleType(inputs.quantized_data);
    return data?.kind === "tensor" && data.dtype === "int8" ? data.dtype : undefined;
  },
});

export const WEIGHT_RULES: readonly Rule[] = [
  WEIGHT_FILE,
  WEIGHT_DTYPE,
  WEIGHT_CONFLICT,
  ONE_BLOB,
  SINGLE_FILE_CHANNELS,
  INT8_WEIGHTS_M3,
];
