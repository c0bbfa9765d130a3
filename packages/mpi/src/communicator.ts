/** All processes that one mpirun started, as a group that adds arrays up and shares them. Open MPI is loaded when it is asked for. */
import { MpiError } from "./errors.js";
import { type NativeCommunicator, nativeBinding } from "./native.js";

/** Variables that Open MPI's launcher sets for every process it starts. */
const LAUNCHED = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"];

/** Whether Open MPI's launcher started this process. */
export function underMpirun(): boolean {
  return LAUNCHED.some((variable) => process.env[variable] !== undefined);
}

/** An MPI count is a C int. */
const LARGEST_COUNT = 2 ** 31 - 1;

/** The group of processes; this one is number `rank` of `size`. */
export class Communicator {
  readonly rank: number;
  readonly size: number;
  /** Such as "Open MPI v4.1.4". */
  readonly library: string;
  #native: NativeCommunicator | undefined;
  #pending = 0;

  constructor(native: NativeCommunicator) {
    this.rank = native.rank;
    this.size = native.size;
    this.library = native.version;
    this.#native = native;
  }

  /**
   * Replaces each element by its sum over all processes. All must call it with arrays of the same type and length in the same
   * order; the array must not be touched until the promise settles. Runs beside JavaScript.
   * @param values [n], n < 2³¹
   * @throws MpiError (rejects) if the library reports a failure, such as a process that has died
   */
  async allReduce(values: Float32Array | Float64Array): Promise<void> {
    await this.#together("allReduce", values, (native) => native.allReduce(values));
  }

  /**
   * Replaces each process's bytes by those of process 0; otherwise as `allReduce`.
   * @param bytes [n], n < 2³¹
   * @throws MpiError (rejects) if the library reports a failure
   */
  async broadcast(bytes: Uint8Array): Promise<void> {
    await this.#together("broadcast", bytes, (native) => native.broadcast(bytes));
  }

  /**
   * Leaves the group: all processes must. Without it the launcher takes the end of this process for a failure and ends the
   * others, which is what a process that fails wants. Idempotent.
   * @throws MpiError while a collective call is running
   */
  close(): void {
    if (this.#pending > 0) {
      throw new MpiError(
        `close: no collective call may be running, got ${this.#pending}. Await them first.`,
      );
    }
    this.#native?.close();
    this.#native = undefined;
  }

  /**
   * Stops waiting for the others, as where one of them has died: calls under way reject, and this process can end. The launcher
   * then ends the others. Idempotent.
   */
  abandon(): void {
    this.#native?.abandon();
    this.#native = undefined;
  }

  async #together(
    method: string,
    { length }: { readonly length: number },
    call: (native: NativeCommunicator) => Promise<void>,
  ): Promise<void> {
    if (length > LARGEST_COUNT) {
      throw new MpiError(
        `${method}: an array must have at most ${LARGEST_COUNT} elements, got ${length}. Pass it in parts.`,
      );
    }
    const native = this.#open(method);
    this.#pending += 1;
    try {
      await call(native);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new MpiError(
        `${method}: all ${this.size} processes must take part, got ${reason}. One of them has ended: look at its messages.`,
        { cause },
      );
    } finally {
      this.#pending -= 1;
    }
  }

  #open(method: string): NativeCommunicator {
    if (this.#native) return this.#native;
    throw new MpiError(
      `${method}: the group must be open, got one that was closed. Close it last.`,
    );
  }
}

/** Where the library is looked for. */
export interface OpenMpiOptions {
  /** Path of libmpi; by default $ANE_MPI_LIBRARY, else wherever the system finds it. */
  readonly library?: string;
}

/**
 * Joins the group of this mpirun. Once per process: MPI cannot be initialized again.
 * @throws MpiError if the process was not started by mpirun, or no Open MPI can be loaded
 */
export function openMpi(options: OpenMpiOptions = {}): Communicator {
  if (!underMpirun()) {
    throw new MpiError(
      "openMpi: the process must be started by Open MPI's launcher, got one that was not. Run `mpirun -n 2 COMMAND`.",
    );
  }
  const { Communicator: Native } = nativeBinding();
  try {
    return new Communicator(new Native(options.library ?? process.env.ANE_MPI_LIBRARY ?? ""));
  } catch (cause) {
    throw new MpiError(
      `openMpi: Open MPI 4 or 5 must be installed, got: ${(cause as Error).message}. Install it (Debian: openmpi-bin; Homebrew: open-mpi), or name its libmpi in ANE_MPI_LIBRARY.`,
      { cause },
    );
  }
}
