// sentencepiece-js ships no types; these are the calls the tests make.
declare module "sentencepiece-js" {
  export class SentencePieceProcessor {
    load(modelPath: string): Promise<void>;
    encodeIds(text: string): Iterable<number>;
    decodeIds(ids: number[]): string;
  }
}
