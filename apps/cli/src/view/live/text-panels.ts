/** Samples with their history, and the log. */
import type { Area } from "./canvas.js";
import { framed } from "./frame.js";
import { type Scene, timeOfDay } from "./scene.js";
import { wrap } from "./wrap.js";

export function drawSamples(area: Area, scene: Scene): void {
  const { state, controls, glyphs } = scene;
  const count = state.samples.length;
  const sample = state.samples[count - 1 - Math.min(controls.samplesBack, count - 1)];
  const note = sample
    ? `step ${sample.step}  ${count - Math.min(controls.samplesBack, count - 1)}/${count}  [ ] earlier, later`
    : "";
  const inner = framed(area, glyphs, "samples", note);
  if (!sample) {
    const hint = wrap(
      "none yet: g writes some, --sample-every N does so regularly",
      inner.width - 2,
    );
    for (const [y, line] of hint.entries()) inner.text(1, y, line, "dim");
    return;
  }
  const lines = wrap(sample.text, inner.width - 2);
  const promptLength = sample.text.startsWith(sample.prompt) ? sample.prompt.length : 0;
  for (const [y, line] of lines.slice(0, inner.height).entries()) {
    const isCut = y === inner.height - 1 && lines.length > inner.height;
    inner.text(1, y, line);
    if (y === 0 && line.startsWith(sample.prompt) && promptLength > 0) {
      inner.text(1, 0, sample.prompt, "bold");
    }
    if (isCut) inner.textBefore(inner.width - 1, y, ` ${glyphs.ellipsis}`, "dim");
  }
}

/** A panel in which the lines of the log would lose too much. */
const NARROW = 50;

export function drawLog(area: Area, scene: Scene): void {
  const { state, controls, glyphs, utcOffset } = scene;
  const back = Math.min(controls.linesBack, Math.max(0, state.log.length - 1));
  const inner = framed(area, glyphs, "log", back === 0 ? "" : `${back} lines back`);
  const end = state.log.length - back;
  const rows = state.log.slice(Math.max(0, end - inner.height), end).flatMap((line) => {
    const when = line.time === undefined ? "" : `${timeOfDay(line.time, utcOffset)} `;
    const head = `${when}${String(line.step).padStart(6)} `;
    // Rows are scarce where panels are side by side.
    const texts =
      area.width < NARROW ? wrap(line.text, inner.width - head.length - 2) : [line.text];
    return texts.map((text, index) => ({
      head: index === 0 ? head : "",
      at: head.length + 1,
      text,
      kind: line.kind,
    }));
  });
  for (const [y, { head, at, text, kind }] of rows.slice(-inner.height).entries()) {
    inner.text(1, y, head, "dim");
    inner
      .part(0, 0, inner.width - 1, inner.height)
      .text(at, y, text, kind === "warning" ? "warning" : "plain");
  }
}
