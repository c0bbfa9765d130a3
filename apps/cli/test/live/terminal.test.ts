/** What is written to a terminal: only lines that changed, and its old state at the end, however that comes. */
import { EventEmitter } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { Terminal } from "../../src/view/live/terminal.js";

const LEAVE = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";

/** A terminal whose output can be read back; what is written at once, with its descriptor, goes to a file. */
function openTerminal(accepts: () => boolean = () => true) {
  const folder = mkdtempSync(join(tmpdir(), "ane-terminal-"));
  const fd = openSync(join(folder, "out"), "w");
  const written: string[] = [];
  const output = Object.assign(new EventEmitter(), {
    columns: 10,
    rows: 3,
    fd,
    write: (text: string) => {
      written.push(text);
      return accepts();
    },
  });
  const input = Object.assign(new EventEmitter(), {
    setRawMode: vi.fn(),
    setEncoding: () => {},
    resume: () => {},
    pause: vi.fn(),
  });
  const keys: string[] = [];
  const redraw = vi.fn();
  const terminal = new Terminal(
    { key: (name) => keys.push(name), redraw },
    input as unknown as typeof process.stdin,
    output as unknown as typeof process.stdout,
  );
  onTestFinished(() => {
    terminal[Symbol.dispose]();
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const atEnd = () => readFileSync(join(folder, "out"), "utf8");
  return { terminal, input, output, written, keys, redraw, atEnd };
}

it("writes lines that changed, as one frame", () => {
  const { terminal, written } = openTerminal();
  terminal.show(["a", "b", "c"]);
  written.length = 0;
  terminal.show(["a", "B", "c"]);
  expect(written).toEqual(["\u001b[?2026h\u001b[2;1HB\u001b[?2026l"]);
  terminal.show(["a", "B", "c"]);
  expect(written).toHaveLength(1);
});

it("writes all of them where something else has written, or the size has changed", () => {
  const { terminal, output, written, redraw } = openTerminal();
  terminal.show(["a", "b"]);
  output.emit("resize");
  expect(redraw).toHaveBeenCalledOnce();
  written.length = 0;
  terminal.show(["a", "b"]);
  expect(written).toEqual(["\u001b[?2026h\u001b[1;1Ha\u001b[2;1Hb\u001b[?2026l"]);
});

it("waits for a slow terminal", () => {
  const { terminal, output } = openTerminal(() => false);
  expect(terminal.isReady).toBe(true);
  terminal.show(["a"]);
  expect(terminal.isReady).toBe(false);
  output.emit("drain");
  expect(terminal.isReady).toBe(true);
});

it("hands on keys", () => {
  const { input, keys } = openTerminal();
  input.emit("data", "q\u001b[A");
  expect(keys).toEqual(["q", "up"]);
});

it.each([
  ["is disposed", (terminal: Terminal) => terminal[Symbol.dispose]()],
  ["the process exits", () => process.emit("exit", 0)],
  [
    "the process crashes",
    () => (process as EventEmitter).emit("uncaughtExceptionMonitor", new Error("of the test")),
  ],
])("restores the terminal once when it %s", (_name, end) => {
  const { terminal, input, atEnd } = openTerminal();
  const others = process.listeners("exit").filter((listener) => listener.length > 0);
  for (const listener of others) process.off("exit", listener);
  end(terminal);
  for (const listener of others) process.on("exit", listener);
  end(terminal);
  expect(atEnd()).toBe(LEAVE);
  expect(input.setRawMode.mock.calls).toEqual([[true], [false]]);
  expect(input.listenerCount("data")).toBe(0);
});
