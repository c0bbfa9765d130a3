/**
 * A growing list of numbers that is a value: `push` gives a new one and leaves the old as it was. Those that grew from one
 * another share their memory, so a push costs what it does on an array; only a second push onto the same one copies.
 */

interface Shared {
  readonly numbers: Float64Array;
  /** Numbers in use by the longest column of this memory. */
  used: number;
}

const FIRST_CAPACITY = 16;

export class Column {
  static readonly empty = new Column({ numbers: new Float64Array(0), used: 0 }, 0);

  readonly #shared: Shared;
  readonly length: number;

  private constructor(shared: Shared, length: number) {
    this.#shared = shared;
    this.length = length;
  }

  push(value: number): Column {
    const { length } = this;
    let shared = this.#shared;
    if (shared.used !== length || shared.numbers.length === length) {
      const numbers = new Float64Array(Math.max(FIRST_CAPACITY, 2 * length));
      numbers.set(this.values());
      shared = { numbers, used: length };
    }
    shared.numbers[length] = value;
    shared.used = length + 1;
    return new Column(shared, length + 1);
  }

  /** The first `length` numbers. */
  take(length: number): Column {
    return length >= this.length ? this : new Column(this.#shared, length);
  }

  /** Of an index below `length`. */
  at(index: number): number {
    return this.#shared.numbers[index]!;
  }

  /** All numbers, [length]; a view that must not be written to. */
  values(): Float64Array {
    return this.#shared.numbers.subarray(0, this.length);
  }
}
