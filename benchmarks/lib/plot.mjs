/** Line plots as SVG text, both axes logarithmic. */
const [WIDTH, HEIGHT] = [720, 420];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 210, 36, 48];
const COLOURS = ["#1f6fb2", "#c4472b", "#3a8f3a", "#7a4fa3"];

/**
 * @param {{ title: string, x: string, y: string,
 *   series: { name: string, dashed?: boolean, points: [number, number][] }[] }} plot Positive coordinates.
 */
export function logPlot({ title, x, y, series }) {
  const points = series.flatMap((each) => each.points);
  const across = axis(
    points.map(([at]) => at),
    LEFT,
    WIDTH - RIGHT,
  );
  const up = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const [right, bottom] = [WIDTH - RIGHT, HEIGHT - BOTTOM];
  const parts = [text(LEFT, 20, title, 'font-weight="bold"')];
  for (const at of across.ticks) {
    parts.push(line(across(at), TOP, across(at), bottom));
    parts.push(text(across(at), bottom + 16, label(at), 'text-anchor="middle"'));
  }
  for (const value of up.ticks) {
    parts.push(line(LEFT, up(value), right, up(value)));
    parts.push(text(LEFT - 6, up(value) + 4, label(value), 'text-anchor="end"'));
  }
  parts.push(text((LEFT + right) / 2, HEIGHT - 10, x, 'text-anchor="middle"'));
  parts.push(text(LEFT - 48, TOP - 8, y));
  series.forEach(({ name, dashed, points: own }, index) => {
    const colour = dashed ? "#888" : COLOURS[index % COLOURS.length];
    const style = `stroke="${colour}" stroke-width="1.8" fill="none"${dashed ? ' stroke-dasharray="5 3"' : ""}`;
    const path = own.map(([at, value]) => `${across(at)},${up(value)}`).join(" ");
    const legend = TOP + 12 + 18 * index;
    parts.push(`<polyline points="${path}" ${style}/>`);
    if (!dashed) {
      for (const [at, value] of own) {
        parts.push(`<circle cx="${across(at)}" cy="${up(value)}" r="3" fill="${colour}"/>`);
      }
    }
    parts.push(
      `<polyline points="${right + 12},${legend - 4} ${right + 36},${legend - 4}" ${style}/>`,
    );
    parts.push(text(right + 42, legend, name));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

/** A function from values to coordinates; its ticks are the powers of ten around the values. */
function axis(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const place = (value) =>
    Math.round(10 * (from + ((Math.log10(value) - low) / (high - low)) * (to - from))) / 10;
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return Object.assign(place, { ticks });
}

const label = (value) => (value >= 1 ? String(value) : value.toPrecision(1));

function line(x1, y1, x2, y2) {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function text(x, y, content, more = "") {
  return `<text x="${x}" y="${y}" fill="#222" ${more}>${content}</text>`;
}
