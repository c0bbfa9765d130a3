/** Errors of devices: one class per reaction a caller can have, each with a string `code`. */
import type { Diagnostic } from "@ane/mil-builder";

export type AneErrorCode =
  | "ERR_UNAVAILABLE"
  | "ERR_COMPILE"
  | "ERR_BUDGET"
  | "ERR_EVALUATION"
  | "ERR_SHAPE"
  | "ERR_DISPOSED";

/** Base of every error that a device throws. */
export class AneError extends Error {
  readonly code: AneErrorCode;

  constructor(code: AneErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The device that was asked for cannot be opened on this machine. */
export class UnavailableError extends AneError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_UNAVAILABLE", message, options);
  }
}

/** What a compiler's refusal can add to its message. */
export interface CompileErrorOptions extends ErrorOptions {
  /** Broken rules that the verifier finds for the chip. */
  readonly findings?: readonly Diagnostic[];
  /** The text that was compiled, and the line of it (from 1) that the compiler named. */
  readonly mil?: string;
  readonly line?: number;
  readonly chip?: string;
}

/** The program or its weights cannot be compiled. */
export class CompileError extends AneError {
  /** Name of the kernel being compiled. */
  readonly kernel: string;
  readonly findings: readonly Diagnostic[];
  readonly mil: string | undefined;
  readonly line: number | undefined;
  readonly chip: string | undefined;

  constructor(kernel: string, message: string, options: CompileErrorOptions = {}) {
    super("ERR_COMPILE", `${kernel}: ${message}`, options);
    this.kernel = kernel;
    this.findings = options.findings ?? [];
    this.mil = options.mil;
    this.line = options.line;
    this.chip = options.chip;
  }
}

/** The process has used up its compilations; only a new process has new ones. */
export class BudgetError extends AneError {
  readonly used: number;
  readonly limit: number;

  constructor(kernel: string, used: number, limit: number) {
    super(
      "ERR_BUDGET",
      `${kernel}: a process may compile ${limit} kernels, got ${used} compiled already. ` +
        "Disposing kernels gives nothing back: save the state and continue in a new process.",
    );
    this.used = used;
    this.limit = limit;
  }
}

/** A kernel was given bindings that it cannot run with, or failed while running. */
export class EvaluationError extends AneError {
  readonly kernel: string;
  /** The engine's status, where it gave one. */
  readonly status: number | undefined;

  constructor(kernel: string, message: string, options: ErrorOptions & { status?: number } = {}) {
    super("ERR_EVALUATION", `${kernel}: ${message}`, options);
    this.kernel = kernel;
    this.status = options.status;
  }
}

/** A surface, slot or array has another shape or dtype than is wanted. */
export class ShapeError extends AneError {
  readonly expected: string;
  readonly actual: string;

  /** @param remedy what the caller can do, without the final full stop */
  constructor(where: string, expected: string, actual: string, remedy: string) {
    super("ERR_SHAPE", `${where}: expected ${expected}, got ${actual}. ${remedy}.`);
    this.expected = expected;
    this.actual = actual;
  }
}

/** Something was used after its `dispose()`. */
export class DisposedError extends AneError {
  constructor(what: string) {
    super("ERR_DISPOSED", `${what}: used after dispose. Keep it until its last use has returned.`);
  }
}
