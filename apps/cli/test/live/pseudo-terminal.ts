/** A program in a pseudo terminal, and what its screen shows. */
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

export interface PseudoTerminal {
  readonly pid: number;
  /** Lines of the screen, without spaces at their ends. */
  screen(): string;
  /** "alternate" while a program has the whole screen. */
  buffer(): string;
  /** All that was written. */
  written(): string;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** As if its window were closed. */
  close(): void;
  /** Ends the program and its children at once. */
  kill(): void;
  /** Resolves when the screen is so. @throws with the screen, after 30 s */
  until(what: string, holds: (screen: string) => boolean): Promise<void>;
  /** Resolves with the exit status, and the last of the output on the screen. */
  readonly ended: Promise<number>;
  /** Resolves with the signal that ended the program, 0 for none. */
  readonly signal: Promise<number>;
}

export function openPseudoTerminal(
  file: string,
  args: readonly string[],
  options: { cwd: string; columns: number; rows: number; env?: Record<string, string> },
): PseudoTerminal {
  const { columns: cols, rows } = options;
  const env = {
    ...process.env,
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    TERM: "xterm-256color",
    CI: "",
  };
  const pty = spawn(file, [...args], {
    cols,
    rows,
    cwd: options.cwd,
    env: { ...env, ...options.env },
  });
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  let written = "";
  pty.onData((data) => {
    written += data;
    terminal.write(data);
  });
  const screen = () => {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, y) =>
      (active.getLine(active.baseY + y)?.translateToString(true) ?? "").trimEnd(),
    ).join("\n");
  };
  return {
    pid: pty.pid,
    screen,
    buffer: () => terminal.buffer.active.type,
    written: () => written,
    type: (keys) => pty.write(keys),
    resize: (columns, newRows) => {
      terminal.resize(columns, newRows);
      pty.resize(columns, newRows);
    },
    close: () => (pty as unknown as { destroy(): void }).destroy(), // not in its types
    kill: () => {
      try {
        process.kill(-pty.pid, "SIGKILL"); // it leads a process group
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    },
    until: async (what, holds) => {
      for (const end = Date.now() + 30_000; !holds(screen()); ) {
        if (Date.now() > end) throw new Error(`the screen must show ${what}, got\n${screen()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    signal: new Promise((resolve) => {
      pty.onExit(({ signal = 0 }) => resolve(signal));
    }),
    ended: new Promise((resolve) => {
      pty.onExit(({ exitCode }) => terminal.write("", () => resolve(exitCode)));
    }),
  };
}
