/** Cells, clipping and what is written to a terminal. */
import { describe, expect, it } from "vitest";
import { Canvas, textWidth } from "../../src/view/live/canvas.js";
import { glyphsFor, paletteFor } from "../../src/view/live/look.js";
import { DotPlot } from "../../src/view/live/plot.js";
import { ASCII_GLYPHS, UNICODE_GLYPHS } from "../../src/view/live/style.js";
import { pictureSvg } from "../../src/view/live/svg.js";
import { wrap } from "../../src/view/live/wrap.js";

describe("Canvas", () => {
  it("cuts text off at the edge of its area", () => {
    const canvas = new Canvas(8, 2);
    canvas.area.part(2, 0, 4, 1).text(1, 0, "abcdef");
    canvas.area.text(0, 5, "nowhere");
    expect(canvas.text()).toBe("   abc\n");
  });

  it("gives wide characters two cells, or none where one is left", () => {
    const canvas = new Canvas(5, 1);
    canvas.area.text(0, 0, "日本語");
    expect(canvas.text()).toBe("日本");
    expect(textWidth(canvas.lines("mono")[0]!)).toBe(5);
  });

  it("writes codes where the style changes, and ends plain", () => {
    const canvas = new Canvas(4, 1);
    canvas.area.text(1, 0, "ab", "bad");
    expect(canvas.lines("colour")).toEqual([" \u001b[0;1;31mab\u001b[0m "]);
    expect(canvas.lines("mono")).toEqual([" \u001b[0;1;7mab\u001b[0m "]);
  });
});

describe("DotPlot", () => {
  it("has eight dots in a braille character, from the bottom left", () => {
    const canvas = new Canvas(1, 1);
    const plot = new DotPlot(canvas.area, UNICODE_GLYPHS);
    const layer = { style: "plain", ascii: "*", depth: 0 } as const;
    plot.dot(0, 0, layer);
    plot.dot(1, 1, layer);
    plot.dot(2, 0, layer); // outside
    plot.draw();
    expect(canvas.text()).toBe("⡈");
  });

  it("draws lines of characters in ASCII, a later layer over an earlier one", () => {
    const canvas = new Canvas(4, 4);
    const plot = new DotPlot(canvas.area, ASCII_GLYPHS);
    plot.line([0, 0], [1, 1], { style: "plain", ascii: "*", depth: 1 });
    plot.line([0, 1], [1, 1], { style: "plain", ascii: ".", depth: 0 });
    plot.draw();
    expect(canvas.text()).toBe("...*\n  *\n *\n*");
  });
});

describe("wrap", () => {
  it("breaks at spaces, and words that are too long anywhere", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("abcdefgh ij\nk", 3)).toEqual(["abc", "def", "gh", "ij", "k"]);
    expect(wrap("日本語", 4)).toEqual(["日本", "語"]);
  });
});

describe("look", () => {
  it.each([
    [{ LANG: "de_DE.UTF-8" }, UNICODE_GLYPHS],
    [{ LANG: "C.utf8", TERM: "xterm" }, UNICODE_GLYPHS],
    [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, ASCII_GLYPHS],
    [{ LANG: "en_US.UTF-8", TERM: "linux" }, ASCII_GLYPHS],
    [{}, ASCII_GLYPHS],
  ])("%j", (environment, glyphs) => {
    expect(glyphsFor(environment)).toBe(glyphs);
    expect(glyphsFor(environment, true)).toBe(ASCII_GLYPHS);
  });

  it("has no colours where NO_COLOR says so", () => {
    expect(paletteFor({})).toBe("colour");
    expect(paletteFor({ NO_COLOR: "" })).toBe("colour");
    expect(paletteFor({ NO_COLOR: "1" })).toBe("mono");
  });
});

it("a picture as SVG has its text, escaped", () => {
  const canvas = new Canvas(10, 1);
  canvas.area.text(0, 0, "a<b & c", "bold");
  expect(pictureSvg(canvas)).toContain(">a&lt;b &amp; c</text>");
});
