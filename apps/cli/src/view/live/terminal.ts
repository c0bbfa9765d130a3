/**
 * A terminal as a picture is shown on it: the alternate screen, only the lines that changed, each frame at once (synchronized
 * update, where the terminal knows it). However the process ends, short of SIGKILL, the terminal is as it was before.
 *
 * Why not Ink: it writes its whole output anew on each change, which flickers over slow connections, and costs 0.6 s of
 * loading; a picture that is a pure function of state and size needs no components, and what is left of a renderer is this.
 */
import { writeSync } from "node:fs";
import { keyNames } from "./key-names.js";

/** Alternate screen, no cursor, no wrapping at the edge. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
const LEAVE = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";
const BEGIN_FRAME = "\u001b[?2026h";
const END_FRAME = "\u001b[?2026l";

export interface TerminalHandlers {
  readonly key: (name: string) => void;
  /** The picture is gone or of another size. */
  readonly redraw: () => void;
}

export class Terminal implements Disposable {
  readonly #input: typeof process.stdin;
  readonly #output: typeof process.stdout;
  readonly #handlers: TerminalHandlers;
  /** Lines as they are on the screen. */
  #shown: readonly string[] = [];
  #isOpen = false;
  /** The terminal has not taken the last frame yet. */
  #isBusy = false;

  constructor(handlers: TerminalHandlers, input = process.stdin, output = process.stdout) {
    this.#handlers = handlers;
    this.#input = input;
    this.#output = output;
    this.#open();
    process.on("SIGCONT", this.#continue);
    process.on("exit", this.#close);
    // What a crash says must not vanish with the alternate screen.
    process.on("uncaughtExceptionMonitor", this.#close);
  }

  /** Of a terminal that does not know its size (a serial line, some containers), that of most. */
  get columns(): number {
    return this.#output.columns || 80;
  }

  get rows(): number {
    return this.#output.rows || 24;
  }

  /** False while an earlier frame is still on its way to a slow terminal: the next one can wait. */
  get isReady(): boolean {
    return this.#isOpen && !this.#isBusy;
  }

  /** @param lines One for each row. */
  show(lines: readonly string[]): void {
    const frame = lines
      .map((line, y) => (line === this.#shown[y] ? "" : `\u001b[${y + 1};1H${line}`))
      .join("");
    this.#shown = lines;
    if (frame === "") return;
    this.#isBusy = !this.#output.write(`${BEGIN_FRAME}${frame}${END_FRAME}`);
    if (this.#isBusy) {
      this.#output.once("drain", () => {
        this.#isBusy = false;
      });
    }
  }

  /** Forgets what is on the screen: something else has written there. */
  invalidate(): void {
    this.#shown = [];
    if (this.#isOpen) this.#output.write("\u001b[0m\u001b[2J");
  }

  [Symbol.dispose](): void {
    this.#close();
    process.off("exit", this.#close);
    process.off("uncaughtExceptionMonitor", this.#close);
    process.off("SIGCONT", this.#continue);
  }

  #open(): void {
    this.#isOpen = true;
    this.#output.write(ENTER);
    this.#output.on("resize", this.#resize);
    this.#input.setRawMode(true);
    this.#input.setEncoding("utf8");
    this.#input.on("data", this.#read);
    this.#input.resume();
  }

  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.off("resize", this.#resize);
    this.#input.off("data", this.#read);
    this.#input.pause();
    try {
      this.#input.setRawMode(false);
      writeSync(this.#output.fd, LEAVE); // at once: the process may be ending
    } catch {
      // The terminal is gone, and with it what there was to restore.
    }
  };

  readonly #resize = (): void => {
    this.invalidate();
    this.#handlers.redraw();
  };

  readonly #read = (input: string | Buffer): void => {
    for (const name of keyNames(String(input))) {
      if (name === "ctrl-z") this.#suspend();
      else this.#handlers.key(name);
    }
  };

  /** As the shell expects it: the whole job stops, and goes on with `fg`. */
  #suspend(): void {
    this.#close();
    process.kill(0, "SIGTSTP");
  }

  /** Also after a stop from outside, when the shell has used the screen: the terminal's mode is the shell's to restore then. */
  readonly #continue = (): void => {
    if (this.#isOpen) this.#output.write(ENTER);
    else this.#open();
    this.invalidate();
    this.#handlers.redraw();
  };
}
