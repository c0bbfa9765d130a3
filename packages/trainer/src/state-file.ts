/**
 * All that training changes, in one mapped file: a header page, then parameters, gradients, first and second moments,
 * each fp32 in the order of `parameterLayout` and starting on a page. A planned restart hands the file from process to
 * process, and the pages stay where they are. After an unplanned end its contents mean nothing: a run then continues from
 * a checkpoint, in a new file, so that a process of the old run that is still ending cannot reach into it.
 */
import { existsSync, rmSync } from "node:fs";
import { type MappedFile, mapFile } from "@ane/accel-ops";
import { StateError } from "./errors.js";

const PAGE = 4096;
const MAGIC = "ANESTATE";
const VERSION = 1;

/** Byte offsets in the header page; counters are float64, which holds every integer up to 2^53. */
const FIELD = { magic: 0, version: 8, phase: 12, digest: 16, length: 48, step: 56, updates: 64 };

/** Only a file that was handed over may be taken up by another process. */
const PHASE = { working: 1, handedOver: 2 } as const;

export class RunState implements Disposable {
  /** Each [total of the layout]. */
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly #file: MappedFile;
  readonly #header: DataView;

  private constructor(file: MappedFile, length: number) {
    const section = sectionBytes(length);
    const view = (index: number) => new Float32Array(file.buffer, PAGE + index * section, length);
    this.parameters = view(0);
    this.gradients = view(1);
    this.firstMoment = view(2);
    this.secondMoment = view(3);
    this.#file = file;
    this.#header = new DataView(file.buffer, 0, PAGE);
  }

  /**
   * A new file of zeros in the place of any old one.
   * @param length Parameters of the model.
   * @param digest Of the recipe, 32 bytes.
   */
  static create(path: string, length: number, digest: Uint8Array): RunState {
    rmSync(path, { force: true });
    const file = mapFile(path, { writable: true, size: fileBytes(length) });
    const state = new RunState(file, length);
    new Uint8Array(file.buffer, FIELD.magic, MAGIC.length).set(Buffer.from(MAGIC));
    state.#header.setUint32(FIELD.version, VERSION, true);
    state.#header.setUint32(FIELD.phase, PHASE.working, true);
    new Uint8Array(file.buffer, FIELD.digest, digest.length).set(digest);
    state.#header.setFloat64(FIELD.length, length, true);
    return state;
  }

  /**
   * Takes up a file that another process handed over.
   * @throws StateError if it is not there, not handed over, or of another run.
   */
  static takeUp(path: string, length: number, digest: Uint8Array): RunState {
    const fail = (rule: string, actual: string): never => {
      throw new StateError(
        `${path}: ${rule}, got ${actual}. Continue the run from its last checkpoint, with resume.`,
      );
    };
    if (!existsSync(path)) fail("the state must have been handed over", "no file");
    const file = mapFile(path, { writable: true });
    try {
      if (file.byteLength !== fileBytes(length)) {
        fail(`the state must have ${fileBytes(length)} bytes`, `${file.byteLength}`);
      }
      const header = Buffer.from(file.buffer, 0, PAGE);
      const magic = header.toString("latin1", FIELD.magic, FIELD.magic + MAGIC.length);
      if (magic !== MAGIC) fail(`the state must begin with ${MAGIC}`, JSON.stringify(magic));
      const version = header.readUInt32LE(FIELD.version);
      if (version !== VERSION) fail(`the state must be of version ${VERSION}`, `${version}`);
      if (header.compare(digest, 0, 32, FIELD.digest, FIELD.digest + 32) !== 0) {
        fail("the state must be of this run", "another recipe's");
      }
      if (header.readUInt32LE(FIELD.phase) !== PHASE.handedOver) {
        fail("the state must have been handed over", "one whose process ended in the middle");
      }
      const state = new RunState(file, length);
      state.#header.setUint32(FIELD.phase, PHASE.working, true);
      return state;
    } catch (error) {
      file.dispose();
      throw error;
    }
  }

  /** Micro-steps done. */
  get step(): number {
    return this.#header.getFloat64(FIELD.step, true);
  }

  set step(value: number) {
    this.#header.setFloat64(FIELD.step, value, true);
  }

  /** Updates done: the t of Adam's bias correction. */
  get updates(): number {
    return this.#header.getFloat64(FIELD.updates, true);
  }

  set updates(value: number) {
    this.#header.setFloat64(FIELD.updates, value, true);
  }

  /** Lets the next process take the file up, once this one has disposed it. The pages are shared memory: nothing is written out. */
  handOver(): void {
    this.#header.setUint32(FIELD.phase, PHASE.handedOver, true);
  }

  dispose(): void {
    this.#file.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function sectionBytes(length: number): number {
  return Math.ceil((length * Float32Array.BYTES_PER_ELEMENT) / PAGE) * PAGE;
}

function fileBytes(length: number): number {
  return PAGE + 4 * sectionBytes(length);
}
