/** What keys do, and how a terminal sends them. */
import { describe, expect, it } from "vitest";
import { type Controls, INITIAL_CONTROLS, press } from "../../src/view/live/controls.js";
import { keyNames } from "../../src/view/live/key-names.js";

const limits = { steps: 1500, samples: 3, lines: 20 };

function after(...keys: string[]): Controls {
  return keys.reduce((controls, key) => press(controls, key, limits).controls, INITIAL_CONTROLS);
}

describe("press", () => {
  it.each([
    ["space", "toggle-pause"],
    ["c", "checkpoint"],
    ["e", "evaluate"],
    ["g", "sample"],
    ["q", "leave"],
    ["Q", "finish"],
    ["ctrl-c", "interrupt"],
    ["x", "export"],
  ])("%s is %s, also in help", (key, command) => {
    for (const controls of [INITIAL_CONTROLS, after("?")]) {
      expect(press(controls, key, limits)).toEqual({ controls, command });
    }
  });

  it("zooms in to windows that leave something out, and back to the whole run", () => {
    expect(after("+").window).toBe(1000);
    expect(after("+", "+").window).toBe(500);
    expect(after(..."++++++++").window).toBe(50);
    expect(after("+", "-", "-").window).toBeUndefined();
  });

  it("goes around smoothings and panels", () => {
    expect(after("s").smoothing).toBe(0.9);
    expect(after("s", "s").smoothing).toBe(0);
    expect(after("s", "s", "s").smoothing).toBe(0.98);
    expect(after("tab").tab).toBe("samples");
    expect(after("shift-tab").tab).toBe("numbers");
  });

  it("looks back at samples and the log as far as they go", () => {
    expect(after("[", "[", "[", "[")).toMatchObject({ tab: "samples", samplesBack: 2 });
    expect(after("[", "]", "]").samplesBack).toBe(0);
    expect(after("up", "up", "down")).toMatchObject({ tab: "log", linesBack: 1 });
    expect(after("page-up", "page-up", "page-up").linesBack).toBe(19);
  });

  it("scrolls help and the numbers, and begins at their top", () => {
    expect(after("?", "down", "down", "up")).toMatchObject({ help: true, rowsDown: 1 });
    expect(after("?", "down", "a", "?")).toMatchObject({ help: true, rowsDown: 0 });
    expect(after("shift-tab", "down")).toMatchObject({ tab: "numbers", rowsDown: 1, linesBack: 0 });
    expect(after("shift-tab", "down", "tab").rowsDown).toBe(0);
  });

  it("switches axes, references and help", () => {
    expect(after("y", "t", "r")).toMatchObject({
      logLoss: true,
      logSteps: true,
      references: false,
    });
    expect(after("?").help).toBe(true);
    expect(after("?", "y")).toMatchObject({ help: false, logLoss: false });
  });
});

describe("keyNames", () => {
  it("names what terminals send", () => {
    expect(keyNames("q \t\u0003\u001b[A\u001bOB\u001b[5~Q?")).toEqual([
      ...["q", "space", "tab", "ctrl-c", "up", "down", "page-up", "Q", "?"],
    ]);
  });

  it("does not take unknown sequences for letters", () => {
    expect(keyNames("\u001b[200~\u001b[1;5C\u001b[24;80R\u001b")).toEqual(["escape"]);
  });
});
