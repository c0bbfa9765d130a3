/** What `ane info` says of a file or folder. */

export interface InfoCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found; where it is not ok, also what to do. */
  readonly detail: string;
}

export interface Finding {
  /** Stable, for programs: "llama2.c", "checkpoint", "safetensors" … */
  readonly kind: string;
  /** In words. */
  readonly title: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Rows that are too many for facts: tensors, ops. */
  readonly rows?: readonly (readonly string[])[];
  readonly checks: readonly InfoCheck[];
}

/** What recognizers look at; nothing else is read before one says that it knows the content. */
export interface Probe {
  /** Absolute. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** The first bytes of a file. */
  readonly start: Uint8Array;
  readonly options: InfoOptions;
}

export interface InfoOptions {
  /** Read all of it: digests, elements. */
  readonly check: boolean;
  /** Path of the tokenizer of token files; undefined for the Llama-2 vocabulary. */
  readonly tokenizer: string | undefined;
}

/** undefined: something else. */
export type Recognizer = (probe: Probe) => Finding | undefined | Promise<Finding | undefined>;

/** Runs a check that throws where something is wrong. */
export function checked(name: string, check: () => string): InfoCheck {
  try {
    return { name, ok: true, detail: check() };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

export function textOf({ start }: Probe, length = start.length): string {
  return Buffer.from(start.subarray(0, length)).toString("latin1");
}
