/**
 * All that training changes, in one piece of memory: a header page, then parameters, gradients, first and second moments,
 * each fp32 in the order of `parameterLayout` and starting on a page. A planned restart hands the memory from process to
 * process. After an unplanned end its contents mean nothing: a run then continues from a checkpoint, in new memory.
 */
import { StateError } from "./errors.js";

const PAGE = 4096;

/** Byte offsets in the header page; counts are float64, which holds every integer up to 2^53. */
const FIELD = { phase: 0, step: 8, updates: 16, counters: 64 };

/** Room in the header page for what a recipe counts. */
export const COUNTERS = 8;

/** Their places, all 0 at first; loss-scale.ts and run-end.ts say what they mean. */
export const COUNTER = { lossScale: 0, goodUpdates: 1, skippedUpdates: 2, workedMs: 3 } as const;

/** Only what was handed over may be taken up by another process. */
const PHASE = { new: 0, working: 1, handedOver: 2 } as const;

/** Where a state lies: zeros at first. In pieces, because a buffer cannot be of any size. */
export interface StateMemory extends Disposable {
  readonly byteLength: number;
  /** Asked for once for each part. */
  piece(offset: number, byteLength: number): ArrayBuffer;
}

export class RunState implements Disposable {
  /** Each [parameters of the model]. */
  readonly parameters: Float32Array;
  /** Meaningful in the middle of an update; the first micro-step of the next one overwrites them. */
  readonly gradients: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** [COUNTERS], finite: what the recipe carries from update to update besides the moments, such as its loss scale. */
  readonly counters: Float64Array;
  readonly #memory: StateMemory;
  readonly #header: DataView;

  /**
   * @param memory Of `RunState.bytes(length)`; goes with the state.
   * @param length Parameters of the model.
   */
  constructor(memory: StateMemory, length: number) {
    if (memory.byteLength !== RunState.bytes(length)) {
      throw new StateError(
        `state: ${length} parameters must have ${RunState.bytes(length)} bytes, got ${memory.byteLength}. Allocate as many as RunState.bytes says.`,
      );
    }
    const header = memory.piece(0, PAGE);
    const section = sectionBytes(length);
    const view = (index: number) =>
      new Float32Array(memory.piece(PAGE + index * section, section), 0, length);
    this.parameters = view(0);
    this.gradients = view(1);
    this.firstMoment = view(2);
    this.secondMoment = view(3);
    this.counters = new Float64Array(header, FIELD.counters, COUNTERS);
    this.#memory = memory;
    this.#header = new DataView(header);
  }

  /** Size of the memory for so many parameters. */
  static bytes(length: number): number {
    return PAGE + 4 * sectionBytes(length);
  }

  /** Begins a run, or the part of it that follows a checkpoint. @throws StateError in memory that has been worked on */
  begin(): void {
    this.#enter(PHASE.new, "the memory must be new");
  }

  /** Goes on where another process handed over. @throws StateError if none did */
  takeUp(): void {
    this.#enter(PHASE.handedOver, "the state must have been handed over");
  }

  /** Lets another process take the state up; this one may only dispose it. */
  handOver(): void {
    this.#phase = PHASE.handedOver;
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

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }

  #enter(expected: number, rule: string): void {
    if (this.#phase !== expected) {
      const actual = Object.entries(PHASE).find(([, phase]) => phase === this.#phase)?.[0];
      throw new StateError(
        `state: ${rule}, got one in phase ${actual ?? this.#phase}. Continue the run from its last checkpoint, with resume.`,
      );
    }
    this.#phase = PHASE.working;
  }

  get #phase(): number {
    return this.#header.getUint32(FIELD.phase, true);
  }

  set #phase(value: number) {
    this.#header.setUint32(FIELD.phase, value, true);
  }
}

function sectionBytes(length: number): number {
  return Math.ceil((length * Float32Array.BYTES_PER_ELEMENT) / PAGE) * PAGE;
}
