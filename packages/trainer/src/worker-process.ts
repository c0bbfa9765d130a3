/** A worker process as its supervisor sees it: messages in order, then the way it ended. */
import { type ChildProcess, fork, type StdioOptions } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Collectives } from "./distributed/collectives.js";
import type { CollectiveRequest } from "./distributed/peers.js";
import type { ProcessUsage } from "./process-usage.js";
import type { RunRequest } from "./run-control.js";
import type { SessionOptions, SessionStart } from "./session.js";
import { STATE_DESCRIPTOR } from "./state-memory.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

/** The worker is always the built file: Node runs it, whatever runs the supervisor's source. */
const WORKER = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../dist/worker.js" : "./worker.js", import.meta.url),
);

/** Last part of a worker's standard error that is kept for the error message. */
const STDERR_BYTES = 4096;

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #messages: FromWorker[] = [];
  #exit: WorkerExit | undefined;
  #failure: Error | undefined;
  #stderr = "";
  /** The last that it told; undefined at first. */
  usage: ProcessUsage | undefined;
  #wake: () => void = () => {};
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;

  /**
   * @param state Descriptor of the memory of the run's state.
   * @param collectives Does what is to be done with other ranks. Their launcher ends whole process groups, so that the worker
   *   gets one of its own: it may have something to save.
   */
  constructor(session: SessionOptions, state: number, collectives?: Collectives) {
    const stdio: StdioOptions = ["ignore", "ignore", "pipe", "ipc"];
    stdio[STATE_DESCRIPTOR] = state;
    // No options of this process's Node: a debugger's port or a test runner's hooks are not the worker's.
    this.#child = fork(WORKER, [], { execArgv: [], stdio, detached: collectives !== undefined });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_BYTES);
    });
    this.#child.on("message", (data) => {
      const message = data as FromWorker;
      if (message.type === "collective") this.#perform(message.request, collectives!);
      else this.#messages.push(message);
      if (message.type === "usage") this.usage = message.usage;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        if (this.#child.pid !== undefined) return; // a message that did not arrive: the exit will say why
        this.#failure = error;
        this.#wake();
        resolve();
      });
      // "close" comes after the messages and the last of standard error.
      this.#child.on("close", (code, signal) => {
        this.#exit = { code, signal, stderr: this.#stderr };
        this.#wake();
        resolve();
      });
    });
    this.#send({ type: "prepare", session });
  }

  /** The state is this worker's from now on. */
  begin(start: SessionStart): void {
    this.#send({ type: "begin", start });
  }

  get hasEnded(): boolean {
    return this.#exit !== undefined || this.#failure !== undefined;
  }

  /** Asks for something while it goes on. */
  request(request: RunRequest): void {
    this.#send({ type: "request", request });
  }

  /** Asks for the end after the current micro-step, with a checkpoint. */
  abort(): void {
    this.#send({ type: "abort" });
  }

  /** Ends the process, whatever it does: one that is not needed any more. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** The messages until the process has ended. @throws The system's error if it could not be started. */
  async *messages(): AsyncGenerator<FromWorker, WorkerExit, void> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) yield message;
      else if (this.#failure) throw this.#failure;
      else if (this.#exit) return this.#exit;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Asks it to save what it can, and to end: another rank has ended. */
  rescue(): void {
    this.#send({ type: "rescue" });
  }

  /** At once, whether or not anybody is reading the messages. What fails is not answered. */
  async #perform(request: CollectiveRequest, collectives: Collectives): Promise<void> {
    const answer = await collectives.perform(request);
    if (answer) this.#send({ type: "collective", answer });
  }

  #send(message: ToWorker): void {
    // A worker that has just ended cannot be told anything: its exit says so.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}
