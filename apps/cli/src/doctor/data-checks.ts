/** Data and tokenizer: there, in order, and fitting each other; those that come along, and those that are asked about. */
import { resolveConfig } from "@ane/llama-model";
import { embeddedDataset, loadTokenizer, openTokenFile } from "@ane/tokenizer-data";
import { type Check, fail, ok } from "./check.js";

/** Absolute paths; undefined for what comes along. */
export interface DoctorData {
  readonly data?: string | undefined;
  readonly tokenizer?: string | undefined;
  /** A preset's name or a configuration file. */
  readonly model?: string | undefined;
}

const PHRASE = "Once upon a time, there was a little girl.\n";

export function dataChecks({ data, tokenizer, model }: DoctorData): Check[] {
  const embedded = embeddedDataset();
  const own = tokenizer === undefined && data === undefined && model === undefined;
  return [
    tokenizerCheck(tokenizer),
    ...(own
      ? [
          tokensCheck("training data", embedded.train, embedded.vocabSize),
          tokensCheck("held-out data", embedded.validation, embedded.vocabSize),
        ]
      : matchChecks({ data, tokenizer, model })),
  ];
}

function tokenizerCheck(path: string | undefined): Check {
  return check(
    "tokenizer",
    "Give a tokenizer.bin or SentencePiece .model, or build @ane/tokenizer-data",
    () => {
      const { encode, decode, vocabSize } = loadedTokenizer(path);
      const ids = encode(PHRASE);
      if (decode(ids) !== PHRASE)
        throw new Error(`"${PHRASE.trim()}" does not come back from its ids`);
      return `${path ?? "Llama 2, built in"}: ${vocabSize} ids, encodes and decodes`;
    },
  );
}

function loadedTokenizer(path: string | undefined) {
  const tokenizer = loadTokenizer(path);
  return {
    vocabSize: tokenizer.vocabSize,
    encode: (text: string) => tokenizer.encode(text, { bos: true, eos: false }),
    decode: (ids: ArrayLike<number>) => tokenizer.decode(Uint32Array.from(ids)),
  };
}

function tokensCheck(name: string, path: string, vocabSize: number): Check {
  return check(
    name,
    "Tokenize the text again with the model's tokenizer, or fetch the file again",
    () => {
      using file = openTokenFile(path, { vocabSize });
      return `${path}: ${file.length} tokens, all ids below ${vocabSize}`;
    },
  );
}

/** The model's vocabulary must be the tokenizer's, and hold the data's ids. */
function matchChecks({ data, tokenizer, model }: DoctorData): Check[] {
  const checks: Check[] = [];
  let vocabSize: number | undefined;
  if (model !== undefined) {
    checks.push(
      check("model", "Give a preset's name or the path of a configuration", () => {
        const config = resolveConfig(model);
        vocabSize = config.vocabSize;
        return `${config.name}, ${config.vocabSize} ids`;
      }),
    );
  }
  if (model === undefined || vocabSize !== undefined) {
    checks.push(
      check("vocabulary", "Give the tokenizer that belongs to the model", () => {
        const own = loadTokenizer(tokenizer).vocabSize;
        vocabSize ??= own;
        if (own !== vocabSize)
          throw new Error(`the tokenizer has ${own} ids, the model ${vocabSize}`);
        return `${own} ids${model === undefined ? "" : ", as the model"}`;
      }),
    );
  }
  if (data !== undefined && vocabSize !== undefined) {
    checks.push(tokensCheck("data", data, vocabSize));
  }
  return checks;
}

function check(name: string, remedy: string, look: () => string): Check {
  try {
    return ok(name, look());
  } catch (error) {
    return fail(name, error instanceof Error ? error.message : String(error), remedy);
  }
}
