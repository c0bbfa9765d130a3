/** Parsers of flag values: what they accept, and an error that says so. */

function parseNumber(input: string): number {
  const value = input.trim() === "" ? Number.NaN : Number(input);
  if (!Number.isFinite(value)) throw new SyntaxError(`expected a number, got "${input}"`);
  return value;
}

/** A whole number of at least `minimum`. */
export function integerFrom(minimum: number): (input: string) => number {
  return (input) => {
    const value = parseNumber(input);
    if (!Number.isInteger(value) || value < minimum) {
      throw new SyntaxError(`expected a whole number of at least ${minimum}, got "${input}"`);
    }
    if (!Number.isSafeInteger(value)) {
      throw new SyntaxError(`expected at most ${Number.MAX_SAFE_INTEGER}, got "${input}"`);
    }
    return value;
  };
}

/** A multiple of `step`, at least `step`. */
export function multipleOf(step: number): (input: string) => number {
  return (input) => {
    const value = parseNumber(input);
    if (Number.isSafeInteger(value) && value > 0 && value % step === 0) return value;
    throw new SyntaxError(`expected a multiple of ${step}, got "${input}"`);
  };
}

/** A number from `minimum` to `maximum`, both included. */
export function numberBetween(
  minimum: number,
  maximum = Number.POSITIVE_INFINITY,
): (input: string) => number {
  const range =
    maximum === Number.POSITIVE_INFINITY
      ? `of at least ${minimum}`
      : `from ${minimum} to ${maximum}`;
  return (input) => {
    const value = parseNumber(input);
    if (value < minimum || value > maximum) {
      throw new SyntaxError(`expected a number ${range}, got "${input}"`);
    }
    return value;
  };
}

/** A number greater than zero. */
export function positiveNumber(input: string): number {
  const value = parseNumber(input);
  if (value <= 0) throw new SyntaxError(`expected a number greater than 0, got "${input}"`);
  return value;
}

/** A number greater than zero, or the word. */
export function numberOr<Word extends string>(word: Word): (input: string) => number | Word {
  return (input) => {
    if (input === word) return word;
    const value = Number(input);
    if (input.trim() !== "" && Number.isFinite(value) && value > 0) return value;
    throw new SyntaxError(`expected ${word} or a number greater than 0, got "${input}"`);
  };
}

/** Any text but the empty one. */
export function text(input: string): string {
  if (input === "") throw new SyntaxError("expected a value, got an empty text");
  return input;
}

/** NAME=VALUE. */
export function assignment(input: string): readonly [name: string, value: string] {
  const at = input.indexOf("=");
  if (at < 1) throw new SyntaxError(`expected NAME=VALUE, got "${input}"`);
  return [input.slice(0, at).trim(), input.slice(at + 1).trim()];
}
