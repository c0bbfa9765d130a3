/** Horizontal lines with a name, drawn over a chart: what to compare a curve with. */
import type uPlot from "uplot";
import type { Line } from "./chart-layers.js";
import { colour, faded } from "./theme.js";

/** @param isSmall The names lie in the chart, else right of it, where none covers another. */
export function drawLines(u: uPlot, lines: readonly Line[], font: string, isSmall: boolean): void {
  const { ctx, bbox } = u;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.font = font.replace("11px", `${11 * scale}px`);
  ctx.textBaseline = "middle";
  ctx.setLineDash([4 * scale, 4 * scale]);
  ctx.lineWidth = scale;
  let place = Number.NEGATIVE_INFINITY;
  for (const { label, value } of lines.toSorted((a, b) => b.value - a.value)) {
    const y = u.valToPos(value, "y", true);
    if (!(y >= bbox.top && y <= bbox.top + bbox.height)) continue;
    ctx.strokeStyle = faded(colour("mark"), 0.5);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    if (isSmall) {
      if (y < place + 14 * scale) continue; // the name above is in the way
      place = y;
      ctx.textAlign = "right";
      ctx.fillStyle = colour("dim");
      ctx.fillText(label, bbox.left + bbox.width - 4 * scale, y - 9 * scale);
      continue;
    }
    place = Math.max(y, place + 14 * scale);
    ctx.textAlign = "left";
    ctx.fillStyle = colour("dim");
    ctx.fillText(label, bbox.left + bbox.width + 8 * scale, place);
  }
  ctx.restore();
}
