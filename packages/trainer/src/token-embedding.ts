/** The first stream of text: a row of a table per token, channel-first, and where the model has them, a learned vector per position. */
import { add, axpy, embeddingGather, embeddingScatterAdd, transpose } from "@ane/accel-ops";
import type { Embedding } from "./micro-step.js";
import type { Inputs, Tokens } from "./pipeline.js";

/** Parameters or their gradients. */
export interface TokenTables {
  /** [V, D] */
  readonly table: Float32Array;
  /** [S, D] */
  readonly positions?: Float32Array | undefined;
}

export class TokenEmbedding implements Embedding {
  readonly #parameters: TokenTables;
  readonly #gradients: TokenTables;
  readonly #D: number;
  /** A table of positions as the stream has it, [D, S]; or its gradient as the table has it, [S, D]. */
  #turned: Float32Array | undefined;

  constructor(parameters: TokenTables, gradients: TokenTables, D: number) {
    this.#parameters = parameters;
    this.#gradients = gradients;
    this.#D = D;
  }

  forward(inputs: Inputs, out: Float32Array): void {
    const { table, positions } = this.#parameters;
    const tokens = inputs as Tokens;
    embeddingGather({ table, tokens, out, dim: this.#D, layout: "channelFirst" });
    if (!positions) return;
    const turned = this.#room(positions.length);
    transpose(positions, turned, tokens.length, this.#D);
    add(out, turned, out);
  }

  backward(inputs: Inputs, dx: Float32Array): void {
    const { table: dTable, positions: dPositions } = this.#gradients;
    const tokens = inputs as Tokens;
    embeddingScatterAdd({ dTable, tokens, dx, dim: this.#D, layout: "channelFirst" });
    if (!dPositions) return;
    const turned = this.#room(dPositions.length);
    transpose(dx, turned, this.#D, tokens.length);
    axpy(1, turned, dPositions);
  }

  #room(length: number): Float32Array {
    this.#turned ??= new Float32Array(length);
    return this.#turned;
  }
}
