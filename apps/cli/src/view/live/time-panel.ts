/** Where the time of a micro-step goes, as bars: means over the newest ones. */
import { formatMs } from "@ane/run-records";
import type { Breakdown } from "@ane/trainer";
import type { Area } from "./canvas.js";
import { framed } from "./frame.js";
import { emptiness, type Scene } from "./scene.js";
import type { Style } from "./style.js";

const PARTS: Readonly<Record<keyof Breakdown, readonly [name: string, style: Style]>> = {
  device: ["device", "device"],
  conversion: ["conversion", "processor"],
  classifier: ["classifier", "processor"],
  loss: ["loss", "processor"],
  weightGradient: ["dW", "processor"],
  elementwise: ["element-wise", "processor"],
  optimizer: ["optimizer", "processor"],
  staging: ["staging", "processor"],
  exchange: ["exchange", "waiting"],
  data: ["data", "waiting"],
  other: ["other", "waiting"],
};

const NAME = 13;
/** " 1234 ms  100.0 %" */
const NUMBERS = 17;

export function drawTime(area: Area, scene: Scene): void {
  const { msPerStep, breakdown } = scene.numbers;
  const { glyphs } = scene;
  const note = msPerStep === undefined ? "" : `${formatMs(msPerStep)} per micro-step`;
  const inner = framed(area, glyphs, "time", note);
  if (!breakdown || !msPerStep) {
    inner.text(1, Math.floor(inner.height / 2), emptiness(scene), "dim");
    return;
  }
  const rows = (Object.keys(PARTS) as (keyof Breakdown)[])
    .map((part) => ({ part, ms: breakdown[part] ?? 0 }))
    .filter(({ part, ms }) => part !== "exchange" || ms > 0);
  // Where there is not room for all, the largest ones.
  const shown = new Set([...rows].sort((a, b) => b.ms - a.ms).slice(0, inner.height));
  const barWidth = inner.width - NAME - NUMBERS - 3;
  for (const [y, row] of rows.filter((candidate) => shown.has(candidate)).entries()) {
    const [name, style] = PARTS[row.part];
    const share = row.ms / msPerStep;
    inner.text(1, y, name, "dim");
    if (barWidth > 0) {
      const full = Math.max(row.ms > 0 && share > 0.005 ? 1 : 0, Math.round(share * barWidth));
      inner.text(1 + NAME, y, glyphs.full.repeat(Math.min(full, barWidth)), style);
    }
    const numbers = `${formatMs(row.ms).padStart(8)} ${(100 * share).toFixed(1).padStart(6)} %`;
    inner.textBefore(inner.width - 1, y, numbers);
  }
}
