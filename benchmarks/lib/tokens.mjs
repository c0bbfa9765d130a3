/** Training text for a model: the embedded stories where their vocabulary is the model's, else random ids of its own. */
import { join } from "node:path";
import { resolveConfig } from "@ane/llama-model";
import { embeddedDataset, writeTokenFile } from "@ane/tokenizer-data";
import { temporaryFolder } from "./temporary-folder.mjs";

const randomTokens = 100_000;

/** Options `data` and `validation` for a run of that model. The time of a step does not depend on which ids they are. */
export function textFor(model) {
  const { vocabSize } = resolveConfig(model);
  if (vocabSize === embeddedDataset().vocabSize) return {};
  const path = join(temporaryFolder(), "random.bin");
  const ids = Uint16Array.from({ length: randomTokens }, (_, i) => (i * 2654435761) % vocabSize);
  writeTokenFile(path, ids, "uint16");
  return { data: path, validation: path };
}
