/** Runs `ane data info` and `ane data tokenize`. */
import { existsSync } from "node:fs";
import { describeTokens, openTokenFile, tokenizeFile } from "@ane/tokenizer-data";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { namingFile } from "../naming.js";
import { expectFilePlace, kindOf } from "../places.js";
import { openTokenizer } from "../tokenizer-file.js";
import { formatCount, formatDuration } from "../view/format.js";
import type { DataInfoFlags, DataTokenizeFlags } from "./data.js";

/** Tokens shown as text by `data info`. */
const previewTokens = 48;

export async function runDataInfo(
  this: Context,
  flags: DataInfoFlags,
  file: string,
): Promise<void> {
  const tokenizer = openTokenizer(this, flags.tokenizer);
  const vocabSize = flags.vocab ?? tokenizer.vocabSize;
  using tokenFile = namingFile("FILE", userPath(this, file), (path) =>
    openTokenFile(path, { vocabSize }),
  );
  const statistics = describeTokens(tokenFile.tokens);
  const preview = tokenizer.decode(
    tokenFile.tokens.subarray(0, previewTokens).filter((id) => id < tokenizer.vocabSize),
  );
  const { stdout } = this.process;
  if (flags.json) {
    const { path, dtype } = tokenFile;
    stdout.write(`${JSON.stringify({ path, dtype, vocabSize, ...statistics, preview })}\n`);
    return;
  }
  stdout.write(
    [
      `${tokenFile.path}: ${tokenFile.dtype}, ${statistics.count} tokens (${formatCount(statistics.count)})`,
      `  documents   ${statistics.documents}`,
      `  vocabulary  ${statistics.distinct} different ids, the largest ${statistics.maxId}, of ${vocabSize}`,
      `  begins      ${JSON.stringify(preview)}`,
      "",
    ].join("\n"),
  );
}

export async function runDataTokenize(
  this: Context,
  flags: DataTokenizeFlags,
  input: string,
  output: string,
): Promise<void> {
  const outputPath = userPath(this, output);
  if (existsSync(outputPath)) {
    throw new UsageError(
      `OUT: the output must not exist yet, got ${outputPath}. Remove it or choose another name.`,
    );
  }
  const inputPath = userPath(this, input);
  if (kindOf(inputPath) !== "file") {
    throw new UsageError(
      `IN: expected a text file, got ${kindOf(inputPath) ?? "nothing"} at ${inputPath}.`,
    );
  }
  expectFilePlace("OUT", outputPath);
  const tokenizer = openTokenizer(this, flags.tokenizer);
  const { stdout, stderr } = this.process;
  const started = performance.now();
  const result = await tokenizeFile(inputPath, outputPath, {
    tokenizer,
    separator: flags.separator,
    onProgress: ({ bytesRead, totalBytes }) => {
      if (this.interactive && !flags.quiet) {
        stderr.write(`\r${((100 * bytesRead) / Math.max(1, totalBytes)).toFixed(0)} %`);
      }
    },
  });
  if (this.interactive && !flags.quiet) stderr.write("\r\u001b[2K");
  if (flags.quiet) return;
  const ms = performance.now() - started;
  stdout.write(
    flags.json
      ? `${JSON.stringify({ path: outputPath, documents: result.documents, tokens: result.tokens, bytes: result.totalBytes, ms })}\n`
      : `${outputPath}: ${result.tokens} tokens of ${result.documents} documents in ${formatDuration(ms)} ` +
          `(${(result.totalBytes / 1000 / ms).toFixed(1)} MB/s)\n`,
  );
}
