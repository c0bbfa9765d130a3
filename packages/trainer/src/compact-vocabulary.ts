/**
 * The token ids that occur in a text, as the classes 0, 1, … of its loss. A text of stories uses a third of a vocabulary of
 * 32000; the others' logits would only ever be pushed down. They count as 0, which is about what rows that are never trained
 * give: so the level of the logits is learned, and the loss over the whole vocabulary, of a text that has other ids too, is
 * what was trained for. V = vocabulary, C = classes.
 */

export class CompactVocabulary {
  /** [C], ascending. */
  readonly ids: Uint32Array;
  /** [V]; meaningful for the ids above. */
  readonly #classOf: Uint32Array;

  /** @param tokens Of the text, each below vocabSize. */
  constructor(tokens: Uint16Array | Uint32Array, vocabSize: number) {
    const occurs = new Uint8Array(vocabSize);
    for (let i = 0; i < tokens.length; i++) occurs[tokens[i]!] = 1;
    const ids: number[] = [];
    this.#classOf = new Uint32Array(vocabSize);
    for (let id = 0; id < vocabSize; id++) {
      if (occurs[id] === 1) this.#classOf[id] = ids.push(id) - 1;
    }
    this.ids = Uint32Array.from(ids);
  }

  /** @param tokens [S], each of which occurs in the text */
  classesOf(tokens: Uint16Array | Uint32Array): Uint32Array {
    return Uint32Array.from(tokens, (token) => this.#classOf[token]!);
  }
}
